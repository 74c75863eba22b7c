"""Verdicts as JUnit XML, which many programs display.

Each exercise of a submission is a test suite, with the points as properties. Valid under Jenkins'
schema (https://github.com/jenkinsci/xunit-plugin, junit-10.xsd), and similar to pytest's `xunit2`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from grader.class_results import SubmissionResult
from grader.export.plain import finding, plain
from grader.results import CheckResult, ExerciseResult, Outcome

__all__ = ["class_to_junit", "to_junit"]

_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<testsuites name="exercises">\n'
_TAIL = "</testsuites>\n"


def to_junit(exercises: Sequence[ExerciseResult]) -> str:
    """Return one submission's verdicts as XML."""
    return _HEAD + "".join(_suite(result, result.exercise) for result in exercises) + _TAIL


def class_to_junit(submissions: Iterable[SubmissionResult]) -> Iterator[str]:
    """Yield a class's verdicts as XML, piece by piece; a suite is named `submission/exercise`."""
    yield _HEAD
    for one in submissions:
        for result in one.exercises:
            yield _suite(result, f"{one.submission}/{result.exercise}")
    yield _TAIL


def _suite(result: ExerciseResult, name: str) -> str:
    outcomes = [check.outcome for check in result.checks]
    ungraded = result.outcome is Outcome.UNGRADED
    skipped = 0 if ungraded else outcomes.count(Outcome.NOT_RUN)
    errors = outcomes.count(Outcome.NOT_RUN) if ungraded else 0
    counts = {
        "tests": len(outcomes),
        "failures": outcomes.count(Outcome.FAILED),
        "errors": errors,
        "skipped": skipped,
    }
    attributes = "".join(f' {key}="{value}"' for key, value in counts.items())
    body = "".join(_case(result, check, name) for check in result.checks)
    return (
        f"<testsuite name={_quoted(name)}{attributes} time={_time(result.wall_ms)}>\n"
        f"{_properties(result)}{body}</testsuite>\n"
    )


def _properties(result: ExerciseResult) -> str:
    rows = [("outcome", result.outcome.value)]
    if result.outcome is not Outcome.UNGRADED:
        rows += [("score", str(result.score)), ("max_score", str(result.max_score))]
        rows += [(f"points:{c.check}", f"{c.score}/{c.max_score}") for c in result.checks]
    lines = "".join(f"<property name={_quoted(k)} value={_quoted(v)}/>\n" for k, v in rows)
    return f"<properties>\n{lines}</properties>\n"


def _case(result: ExerciseResult, check: CheckResult, name: str) -> str:
    start = f"<testcase classname={_quoted(name)} name={_quoted(check.title)} time={_time(check.wall_ms)}"
    if check.outcome is Outcome.PASSED:
        return f"{start}/>\n"
    tag = "failure" if check.outcome is Outcome.FAILED else "skipped"
    if result.outcome is Outcome.UNGRADED and tag == "skipped":
        tag = "error"
    kind = check.why.value if check.why else check.outcome.value
    text = finding(result, check)
    message = text.partition("\n")[0]
    return (
        f"{start}>\n<{tag} type={_quoted(kind)} message={_quoted(message)}>"
        f"{escape(_valid(text))}</{tag}>\n</testcase>\n"
    )


def _quoted(text: str) -> str:
    return quoteattr(_valid(text))


def _valid(text: str) -> str:
    """Return only what XML 1.0 allows: `plain` escapes the rest except two noncharacters."""
    return plain(text).replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")


def _time(milliseconds: float) -> str:
    return f'"{milliseconds / 1000:.3f}"'
