"""Fills one assignment's column of the instructor's own Canvas gradebook export.

Format (Canvas' `lib/gradebook_exporter.rb`, `lib/gradebook_importer.rb`): a header; sometimes a row of
posting policies; `    Points Possible`; one row per student. An assignment's header is `Title (id)`;
Canvas would create an assignment for an unknown header, so none is added.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from grader.class_results import ClassReport
from grader.errors import UsageError
from grader.export.cells import Cell, Table, text_at
from grader.export.columns import (
    Column,
    Offer,
    Wanted,
    fill,
    headers_of,
    joined_headers,
    meant_by,
    pick,
    wanted_columns,
)
from grader.export.joining import NO_ROW, Account, Left, given_first, join, key, name_keys

__all__ = ["to_canvas"]

KINDS = ("canvas", "number", "login", "name")
LOGIN = "sis login id"
COLUMNS = ("id", "sis user id", LOGIN)
# Cells with these texts are an instructor's decision, and stay.
DECIDED = {"ex": "excused in Canvas", "n/a": "not assigned to them in Canvas"}
# What spreadsheets and their libraries make of an id: a number with decimals, or a text for certain.
_SPREADSHEETS = re.compile(r"'?(?P<id>\d+)(?:[.,]0{1,2})?")
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?e\+?\d+", re.IGNORECASE)
ROUNDED = f"{NO_ROW}: a spreadsheet has rounded the ids in it, so export it anew"
ANONYMOUS = "sent without a name: show the students' names in Canvas, and download both files anew"
_ASSIGNMENT = re.compile(r"(?P<title>.*)\((?P<id>\d+)\)\s*", re.DOTALL)


def to_canvas(
    report: ClassReport,
    export: bytes,
    *,
    column: str | None = None,
    columns: Sequence[Wanted] = (),
    overwrite: bool = True,
    shown: str = "The export",
) -> Account:
    """Return the export with the class's scores in some assignments' columns; other bytes stay.

    column: the assignment's title, id or whole header; by default the only assignment, or the only
    one named like the course. columns: the same for several. overwrite: replace grades that are there.
    Scores are scaled to the points possible. Raises `UsageError` when the file is not an export or
    a column is ambiguous.
    """
    table = Table(export, shown)
    headers = _headers(table, shown)
    points = _points_row(table)
    found = [_column(table, points, wanted, report) for wanted in wanted_columns(column, columns)]
    students = {
        row: _keys(cells, headers)
        for row, cells in enumerate(table.rows)
        if row and row != points and text_at(cells, headers["id"]).strip()
    }
    joined = join(report.submissions, students, KINDS)
    filled = fill(
        table,
        joined.rows,
        found,
        overwrite=overwrite,
        decided=lambda _, text: DECIDED.get(key(text)),
    )
    names = {row: _name(table.rows[row], headers) for row in students}
    return Account(
        table.filled(filled.values),
        joined_headers(found),
        found[0].out_of(0),
        tuple(names[row] for row in sorted({row for row, _ in filled.values})),
        (*_explained(joined.left, table, headers), *filled.left),
        tuple(
            name for row, name in names.items() if joined.sent_nothing(row) and not _is_test(name)
        ),
        joined.only_senders({row: given_first(name) for row, name in names.items()}),
        usernames=joined.only_senders(
            {row: text_at(table.rows[row], headers.get(LOGIN)).strip() for row in students}
        ),
        style=table.style,
    )


def _column(
    table: Table,
    points: int | None,
    wanted: Wanted,
    report: ClassReport,
) -> Column:
    offers = [
        Offer(at, cell.text.strip(), cell.text.strip(), (match["title"], match["id"]))
        for at, cell in enumerate(table.rows[0])
        if (match := _ASSIGNMENT.fullmatch(cell.text.strip()))
        and (points is None or "read only" not in text_at(table.rows[points], at))
    ]
    found = pick(offers, wanted.name, thing="assignment", option="--canvas-column")
    most = _number(text_at(table.rows[points], found.at)) if points is not None else None
    exercises = meant_by(wanted, found.header, report.exercises)
    return Column(found.at, table.rows[0][found.at].text, exercises, lambda _: most)


def _headers(table: Table, shown: str) -> Mapping[str, int]:
    headers = headers_of(table)
    if "id" not in headers or not ({"student", "lastname"} & set(headers)):
        raise UsageError(
            f"{shown} is no gradebook export of Canvas: its first row lacks Student and ID. Export "
            "the gradebook anew, and do not save it from a spreadsheet."
        )
    return headers


def _points_row(table: Table) -> int | None:
    rows = enumerate(table.rows[:4])
    return next((row for row, cells in rows if cells[0].text.strip() == "Points Possible"), None)


def _keys(cells: Sequence[Cell], headers: Mapping[str, int]) -> list[set[str]]:
    ids = [{key(text_at(cells, headers.get(column)))} - {""} for column in COLUMNS]
    if number := _SPREADSHEETS.fullmatch(text_at(cells, headers["id"]).strip()):
        ids[0] = {number["id"]}
    return [*ids, name_keys(_name(cells, headers))]


def _name(cells: Sequence[Cell], headers: Mapping[str, int]) -> str:
    if "student" in headers:
        return text_at(cells, headers["student"])
    last, first = (text_at(cells, headers.get(part)) for part in ("lastname", "firstname"))
    return f"{last}, {first}"


def _is_test(name: str) -> bool:
    """Return True for the student that Canvas adds for the instructor's own view."""
    return name_keys(name) == name_keys("Student, Test")


def _explained(left: Sequence[Left], table: Table, headers: Mapping[str, int]) -> Iterator[Left]:
    """Yield who has no row, with the reason where the files show one."""
    ids = (text_at(cells, headers["id"]).strip() for cells in table.rows[1:])
    rounded = any(_ROUNDED.fullmatch(text) for text in ids)
    for one in left:
        if one.reason == NO_ROW and one.name.startswith("anon_"):
            yield Left(one.name, ANONYMOUS)
        elif one.reason == NO_ROW and rounded:
            yield Left(one.name, ROUNDED)
        else:
            yield one


def _number(text: str) -> float | None:
    """Parse points as Canvas writes them, with a point or a comma; None unless positive and finite."""
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return number if 0 < number < float("inf") else None
