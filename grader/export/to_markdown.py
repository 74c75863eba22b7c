"""Feedback for a learner as Markdown (CommonMark): findings and first hints.

It contains no seed, no other person's name, and about the checks only what `grade` shows. A
submission's text never becomes markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.class_results import SubmissionResult
from grader.export.plain import plain
from grader.results import CheckResult, ExerciseResult, Outcome

__all__ = ["to_markdown"]

_STATES = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "not yet",
    Outcome.NOT_STARTED: "not started",
    Outcome.MISSING: "not handed in",
    Outcome.UNGRADED: "not graded yet: the grader could not, and that is not your fault",
}
_CODE = re.compile(r"(?<!`)`[^`\n]+`(?!`)")
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~&$^=-])")


def to_markdown(result: SubmissionResult) -> str:
    """Return the feedback on one submission."""
    return "\n".join(_lines(result)).rstrip() + "\n"


def _lines(result: SubmissionResult) -> Iterator[str]:
    names = ", ".join(one.name for one in result.senders if one.name)
    yield f"# Feedback for {_text(names or result.submission)}"
    yield ""
    if result.ungraded:
        yield "Not everything could be graded yet."
    else:
        yield f"**{result.score} of {result.max_score} points**"
    yield ""
    if result.counted:
        yield _text(result.counted)
        yield ""
    yield from _final(result)
    for one in result.exercises:
        yield from _exercise(one)
    yield from _taken(result)
    if result.unused:
        yield "## Not graded"
        yield ""
        yield from (f"- {_text(one.path)}: {_text(one.reason)}" for one in result.unused)


def _final(result: SubmissionResult) -> Iterator[str]:
    """Say what the points are in the end, and explain each that was adjusted."""
    final = result.final
    if final is None or not final.said:
        return
    if final.score is not None:
        yield f"**In the end: {final.score:g} of {final.max_score:g} points**"
        yield ""
    yield from (f"- {_text(one)}" for one in final.said)
    yield ""


def _taken(result: SubmissionResult) -> Iterator[str]:
    """Say which files count though they are not named as asked."""
    taken = [one for one in result.doubts if one.sure]
    if taken:
        yield "## Graded under another name"
        yield ""
        yield from (f"- {_text(one.path)}: {_text(one.reason)}" for one in taken)
        yield ""


def _exercise(result: ExerciseResult) -> Iterator[str]:
    yield f"## {_text(result.title)} ({_text(result.exercise)})"
    yield ""
    if result.outcome is Outcome.UNGRADED:
        yield f"{_STATES[result.outcome]}."
        yield ""
        return
    yield f"{_STATES[result.outcome]}, {result.score} of {result.max_score} points"
    yield ""
    if result.outcome not in (Outcome.PASSED, Outcome.FAILED):
        return
    yield from _checks(result)
    for check in result.checks:
        if check.outcome is Outcome.FAILED:
            yield from _failure(result, check)


def _checks(result: ExerciseResult) -> Iterator[str]:
    """List the checks, by what they stand under."""
    for subgoal in dict.fromkeys(check.subgoal for check in result.checks):
        if subgoal:
            yield f"**{_text(subgoal)}**"
            yield ""
        for check in result.checks:
            if check.subgoal == subgoal:
                sign = "x" if check.outcome is Outcome.PASSED else " "
                rest = "" if check.outcome is not Outcome.NOT_RUN else " *(not run)*"
                yield f"- [{sign}] {_text(check.title)}{rest}"
        yield ""


def _failure(result: ExerciseResult, check: CheckResult) -> Iterator[str]:
    yield f"### {_text(check.title)}"
    yield ""
    for line in check.message.splitlines():
        yield f"> {_text(line)}" if line.strip() else ">"
    yield ""
    lines = result.source.splitlines()
    if check.line and check.line <= len(lines):
        yield f"Line {check.line}:"
        yield ""
        yield f"        {plain(lines[check.line - 1].strip())}"
        yield ""
    if check.hint:
        yield f"Hint: {_text(check.hint)}"
        yield ""


def _text(text: str) -> str:
    """Return one line whose only markup is code between single backquotes."""
    line = " ".join(plain(text).split())
    shown, end = [], 0
    for code in _CODE.finditer(line):
        shown += [_SPECIAL.sub(r"\\\1", line[end : code.start()]), code.group()]
        end = code.end()
    return "".join(shown) + _SPECIAL.sub(r"\\\1", line[end:])
