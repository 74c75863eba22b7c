"""Fills columns of a platform's file: which exercises each holds, and which cells stay as they are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from grader.errors import UsageError
from grader.export.cells import Table
from grader.export.joining import UNGRADED, Grade, Left, key, scaled

__all__ = [
    "TOTAL",
    "Column",
    "Filled",
    "Offer",
    "Wanted",
    "fill",
    "headers_of",
    "joined_headers",
    "meant_by",
    "pick",
    "wanted_columns",
]

TOTAL = ()
COURSE = "backpressure and retries"
_COUNTED = re.compile(
    r"(?<![^\W\d_])(?:ex|exercise|exercice|ejercicio|übung|aufgabe)[\W_]*0*(\d+)\b"
)
_NONE = {"", "-", "\u2013", "\u2014"}  # what platforms write for no grade
_NEVER = re.compile(r"(?!)")
_DECIMAL = re.compile(r"\d+[.,]\d+|\d+")


@dataclass(frozen=True)
class Wanted:
    """A column that was asked for, by its name. exercises: what it holds; None: what its name says."""

    name: str | None
    exercises: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Offer:
    """A column that can be filled. title: what people call it; aliases: its other names."""

    at: int
    header: str
    title: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """A column to fill. exercises: whose points it holds, or `TOTAL`.

    out_of: the points that a full score is scaled to in a row; None: as they are.
    """

    at: int
    header: str
    exercises: tuple[str, ...]
    out_of: Callable[[int], float | None]

    @property
    def holds(self) -> str:
        """What it holds, in words."""
        shorts = [exercise.partition("_")[0] for exercise in self.exercises]
        return ", ".join(shorts) or "the total"


@dataclass(frozen=True)
class Filled:
    """What is written into a file. values: by row and column; left: what is not, and why."""

    values: Mapping[tuple[int, int], str]
    left: tuple[Left, ...]


def joined_headers(columns: Sequence[Column]) -> str:
    """Return what is filled in, for the screen: headers, each with what it holds if there are several."""
    if len(columns) == 1 and not columns[0].exercises:
        return columns[0].header
    return ", ".join(f"{column.header} ({column.holds})" for column in columns)


def wanted_columns(column: str | None, columns: Sequence[Wanted]) -> Sequence[Wanted]:
    """Return the columns asked for: several, one by its name, or the only candidate."""
    return columns or (Wanted(column),)


def headers_of(table: Table) -> dict[str, int]:
    """Return the columns by their headers, as `key` normalises them; of equal ones the first."""
    headers: dict[str, int] = {}
    for at, cell in enumerate(table.rows[0] if table.rows else ()):
        headers.setdefault(key(cell.text), at)
    return headers


def pick(offers: Sequence[Offer], wanted: str | None, *, thing: str, option: str) -> Offer:
    """Return the column of that name, or the only one, or the only one named like the course.

    thing: what the platform calls what a column is of; option: names a column. Raises `UsageError`,
    which lists what there is.
    """
    if wanted is None:
        named = [one for one in offers if COURSE in _words(one.title)]
        fitting = list(offers) if len(offers) == 1 else named
    else:
        name = key(wanted)
        fitting = [one for one in offers if one.header.strip() == wanted.strip()] or [
            one for one in offers if name in map(key, (one.header, one.title, *one.aliases))
        ]
    if len(fitting) == 1:
        return fitting[0]
    if not offers:
        raise UsageError(f"The export has no {thing} with points: make one, and export anew.")
    listed = ", ".join(f"'{one.title}'" for one in offers)
    if wanted is None:
        raise UsageError(f"Which {thing} is to be filled? Name one with {option}: {listed}.")
    raise UsageError(f"There is no single {thing} '{wanted}' in the export. There are: {listed}.")


def _words(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text).casefold().strip()


def meant_by(wanted: Wanted, header: str, exercises: Iterable[str]) -> tuple[str, ...]:
    """Return the exercises whose points a column is for: as asked, or the one that its header names."""
    if wanted.exercises is not None:
        return wanted.exercises
    folded = unicodedata.normalize("NFKC", header).casefold()
    counted = set(_COUNTED.findall(folded))
    named = [one for one in exercises if _names(folded, one, counted)]
    return tuple(named) if len(named) == 1 else TOTAL


def _names(header: str, exercise: str, counted: set[str]) -> bool:
    number, _, title = exercise.partition("_")
    words = r"[\W_]*".join(map(re.escape, title.split("_")))
    named = bool(title) and re.search(rf"(?<![^\W\d_]){words}(?![^\W\d_])", header) is not None
    return named or number.removeprefix("ex") in counted


def fill(
    table: Table,
    rows: Mapping[int, Grade],
    columns: Sequence[Column],
    *,
    overwrite: bool,
    decided: Callable[[int, str], str | None],
    waiting: re.Pattern[str] = _NEVER,
) -> Filled:
    """Fill each row's cells. overwrite: grades that are there are replaced, instead of kept.

    decided: returns why a cell of a row, by its text, is not to be filled in any case, or None. waiting:
    what a cell says that waits for a grade.
    """
    values: dict[tuple[int, int], str] = {}
    left: list[Left] = []
    for row, grade in rows.items():
        for column in columns:
            cells = table.rows[row]
            before = cells[column.at].text.strip() if column.at < len(cells) else ""
            reason = decided(row, before)
            empty = overwrite or before in _NONE or bool(waiting.fullmatch(before))
            said = (
                Left(grade.submission, reason)
                if reason
                else _fill_one(table, row, grade, column, before=None if empty else before)
            )
            if isinstance(said, Left):
                left.append(said)
            else:
                values[row, column.at] = said
    return Filled(values, tuple(left))


def _fill_one(
    table: Table, row: int, grade: Grade, column: Column, *, before: str | None
) -> Left | str:
    """Return a cell's new text, or why it stays. before: a grade that it holds and that is kept."""
    part = grade.part(column.exercises)
    if part.ungraded:
        return Left(grade.submission, UNGRADED)
    text = table.number(scaled(part, column.out_of(row)))
    if before is None:
        return text
    if _same(before, text):
        return table.rows[row][column.at].text
    return Left(
        grade.submission,
        f"has {before} in '{column.header}' already, and would get {text}: kept (--overwrite "
        "replaces it)",
    )


def _same(one: str, other: str) -> bool:
    if not (_DECIMAL.fullmatch(one) and _DECIMAL.fullmatch(other)):
        return one == other
    return float(one.replace(",", ".")) == float(other.replace(",", "."))
