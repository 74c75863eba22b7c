"""What a person decided about points: a CSV of `submission,exercise,points,comment`.

An empty exercise means the total. It is applied after every grading, and never changes what was graded.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from grader.class_results import SubmissionResult
from grader.classroom.names import folded, names_of
from grader.course import catalog
from grader.errors import UnknownExercise, UsageError

__all__ = ["Decision", "Overrides", "overrides_in"]

HEADERS = ("submission", "exercise", "points", "comment")


@dataclass(frozen=True)
class Decision:
    """Points that a person gave, for an exercise or, when that is "", for all. line: of the file."""

    submission: str
    exercise: str
    points: float
    comment: str = ""
    line: int = 0


@dataclass(frozen=True)
class Overrides:
    """All decisions, by the folded names of whom they are on.

    shared: the names of several learners. Such a name stands for the submission that is called so, if one
    is, and else for nobody: points that were meant for one of them are not given to another.
    """

    decisions: Mapping[str, tuple[Decision, ...]] = field(default_factory=dict)
    shared: frozenset[str] = frozenset()

    def on(self, one: SubmissionResult) -> tuple[Decision, ...]:
        """Return the decisions on a submission, in the order of the file."""
        names = (names_of(one) - self.shared) | {folded(one.submission)}
        found = [each for name in names for each in self.decisions.get(name, ())]
        return tuple(sorted(found, key=lambda each: each.line))

    def of_nobody(self, everybody: Iterable[SubmissionResult]) -> list[str]:
        """Return the names that are decided on and that nobody in the class has."""
        known = {name for one in everybody for name in names_of(one)}
        return [each[0].submission for name, each in self.decisions.items() if name not in known]


def overrides_in(data: bytes, shown: str) -> Overrides:
    """Read decisions. Raises `UsageError`, which names the line and what may stand there."""
    text = _text(data, shown)
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    headers = [cell.strip().casefold() for cell in next(rows, [])]
    if not {"submission", "points"} <= set(headers):
        raise UsageError(
            f"{shown} begins with other columns than {','.join(HEADERS)}: add that line."
        )
    found: dict[str, list[Decision]] = {}
    for row in rows:
        cells = dict(zip(headers, (cell.strip() for cell in row), strict=False))
        if any(cells.values()):
            decision = _decision(cells, f"{shown}, line {rows.line_num}", rows.line_num)
            found.setdefault(folded(decision.submission), []).append(decision)
    return Overrides({name: tuple(decisions) for name, decisions in found.items()})


def _text(data: bytes, shown: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{shown} is not in UTF-8: save it as CSV in UTF-8.") from None


def _decision(cells: Mapping[str, str], where: str, line: int) -> Decision:
    if not cells.get("submission"):
        raise UsageError(f"{where}: whose points? Name the submission.")
    exercise = cells.get("exercise", "")
    try:
        exercise = catalog.resolve(exercise).id if exercise else ""
    except UnknownExercise as error:
        raise UsageError(f"{where}: {error}") from None
    # A spreadsheet keeps the apostrophe that keeps it from taking a name for a formula.
    submission = cells["submission"].removeprefix("'")
    points = _points(cells.get("points", ""), where)
    return Decision(submission, exercise, points, cells.get("comment", ""), line)


def _points(text: str, where: str) -> float:
    try:
        points = float(text.replace(",", "."))
    except ValueError:
        points = math.nan
    if not 0 <= points < 1e9:
        raise UsageError(f"{where}: '{text}' are no points: write a number from 0 on.")
    return points
