"""Makes learners' texts safe in files: no control characters, no hidden text directions."""

from __future__ import annotations

import unicodedata

from grader.results import CheckResult, ExerciseResult, Outcome

__all__ = ["finding", "label", "plain", "prints", "reason"]

_UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}


def plain(text: str) -> str:
    """Return `text` with invisible characters as visible escapes; line ends stay."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(
        one.encode("unicode_escape", "backslashreplace").decode("ascii")
        if one not in "\n\u200d" and unicodedata.category(one) in _UNSEEN
        else one
        for one in text
    )


def label(result: ExerciseResult, check: CheckResult) -> str:
    """Return a check's name for a list with checks of several exercises."""
    return plain(f"{result.exercise.partition('_')[0]}: {check.title}")


def finding(result: ExerciseResult, check: CheckResult) -> str:
    """Return feedback on a check that did not pass: its message, its line and the first hint."""
    seen = check.message
    if check.outcome is not Outcome.PASSED and seen in ("", "not run"):
        seen = reason(result) or "not run"
    where = f"line {check.line}" if check.line else ""
    hint = f"Hint: {check.hint}" if check.hint else ""
    return plain("\n".join(part for part in (seen, where, hint) if part))


def reason(result: ExerciseResult) -> str:
    """Return why an exercise was not judged, or ""; never the path of its file."""
    if result.outcome is Outcome.MISSING:
        return "not handed in"
    if result.outcome is Outcome.NOT_STARTED:
        return "not started: the file is as it was handed out"
    return plain(result.note)


def prints(check: CheckResult) -> str:
    """Return what the learner's code printed while a check observed it."""
    trace = check.observation.trace or {}
    events = [event for event in trace.get("events", ()) if event[2] in ("print", "stderr")]
    return plain("\n".join(str(event[4]) for event in events))
