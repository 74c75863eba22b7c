"""A class's gradebook as CSV (RFC 4180, UTF-8): a row per submission, a column per exercise."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from grader.class_results import ClassReport, SubmissionResult
from grader.export.cells import without_formulas
from grader.export.plain import plain
from grader.results import Outcome

__all__ = ["cell", "to_csv"]

_WHO = ("submission", "name", "id", "sid", "email", "late")


def to_csv(report: ClassReport) -> Iterator[str]:
    """The gradebook, a row at a time. What is ungraded has no number, and is never a zero."""
    yield _line([*_WHO, *report.exercises, "total", "out of"])
    for result in report.submissions:
        yield _line([*_who(result), *_points(result, report.exercises)])


def cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula, whichever separator it splits the file at."""
    return without_formulas(plain(text))


def _who(result: SubmissionResult) -> Iterator[str]:
    yield _first(cell(result.submission))
    for name in ("name", "id", "sid", "email"):
        known = [getattr(sender, name) for sender in result.senders]
        yield cell("; ".join(one for one in known if one))
    yield "yes" if result.late else ""


def _first(text: str) -> str:
    """A row's first cell: to who splits at something else, the rest of the row belongs to it too.

    So even a number must not begin with a sign there.
    """
    return f"'{text}" if text.startswith(("+", "-")) else text


def _points(result: SubmissionResult, exercises: Sequence[str]) -> Iterator[str]:
    graded = {
        one.exercise: str(one.score)
        for one in result.exercises
        if one.outcome is not Outcome.UNGRADED
    }
    yield from (graded.get(exercise, "") for exercise in exercises)
    yield "" if result.ungraded else str(result.score)
    yield str(result.max_score)


def _line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
