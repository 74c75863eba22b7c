"""A class's gradebook as CSV (RFC 4180, UTF-8): a row per submission, a column per exercise."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from grader.class_results import ClassReport, SubmissionResult
from grader.export.cells import Style, without_formulas
from grader.export.plain import plain
from grader.results import Outcome

__all__ = ["cell", "to_csv"]

RFC_4180 = Style()
_IDENTITY = ("submission", "name", "id", "sid", "email", "late")


def to_csv(report: ClassReport, style: Style = RFC_4180, *, final: bool = False) -> Iterator[str]:
    """Yield the gradebook row by row. An ungraded score is an empty cell, never a zero.

    style: how to write it, so that a spreadsheet which reads the platform's file reads it likewise.
    final: also the points in the end, with what was adjusted.
    """
    first = "\ufeff" if style.mark else ""
    more = ["final", "final out of", "adjustments"] if final else []
    yield first + _line([*_IDENTITY, *report.exercises, "total", "out of", *more], style)
    for result in report.submissions:
        row = [*_identity(result), *_points(result, report.exercises)]
        yield _line([*row, *(_final(result) if final else ())], style)


def cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula, whatever separator it splits at."""
    return without_formulas(plain(text))


def _identity(result: SubmissionResult) -> Iterator[str]:
    yield _first_cell(cell(result.submission))
    for name in ("name", "id", "sid", "email"):
        known = [getattr(sender, name) for sender in result.senders]
        yield cell("; ".join(one for one in known if one))
    yield "yes" if result.late else ""


def _first_cell(text: str) -> str:
    """Return the text for a row's first cell, where even a number must not begin with a sign.

    A reader that splits at another separator takes the rest of the row as part of that cell.
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


def _final(result: SubmissionResult) -> Iterator[str]:
    final = result.final
    if final is None:
        return
    yield "" if final.score is None else f"{final.score:g}"
    yield f"{final.max_score:g}"
    yield cell("; ".join(final.said))


def _line(cells: Sequence[str], style: Style) -> str:
    line = io.StringIO()
    csv.writer(line, delimiter=style.separator, lineterminator=style.newline).writerow(cells)
    return line.getvalue()
