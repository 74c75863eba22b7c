"""Fills one assignment's column of the instructor's own Canvas gradebook export.

Format (Canvas' `lib/gradebook_exporter.rb`, `lib/gradebook_importer.rb`): a header; sometimes a row of
posting policies; `    Points Possible`; one row per student. An assignment's header is `Title (id)`;
Canvas would create an assignment for an unknown header, so none is added.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from grader.class_results import ClassReport
from grader.errors import UsageError
from grader.export.cells import Cell, Table
from grader.export.columns import Column, Wanted, fill, joined_headers, meant_by, wanted_columns
from grader.export.joining import Account, given_first, join, key, name_keys

__all__ = ["to_canvas"]

COURSE = "backpressure and retries"
KINDS = ("canvas", "number", "login", "name")
COLUMNS = ("ID", "SIS User ID", "SIS Login ID")
# Cells with these texts are an instructor's decision, and stay.
DECIDED = {"ex": "excused in Canvas", "n/a": "not assigned to them in Canvas"}
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
    found = [
        _column_of(table, headers, points, wanted, report)
        for wanted in wanted_columns(column, columns)
    ]
    students = {
        row: _keys(cells, headers)
        for row, cells in enumerate(table.rows)
        if row and row != points and _text(cells, headers["ID"]).strip()
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
        joined.left + filled.left,
        tuple(name for row, name in names.items() if row not in joined.rows and not _is_test(name)),
        joined.only_senders({row: given_first(name) for row, name in names.items()}),
        style=table.style,
    )


def _column_of(
    table: Table,
    headers: Mapping[str, int],
    points: int | None,
    wanted: Wanted,
    report: ClassReport,
) -> Column:
    at = _column(table, headers, points, wanted.name)
    header = table.rows[0][at].text
    most = _number(_text(table.rows[points], at)) if points is not None else None
    return Column(at, header, meant_by(wanted, header, report.exercises), lambda _: most)


def _headers(table: Table, shown: str) -> Mapping[str, int]:
    headers: dict[str, int] = {}
    for at, cell in enumerate(table.rows[0] if table.rows else ()):
        headers.setdefault(cell.text.strip(), at)
    if "ID" not in headers or not ({"Student", "LastName"} & set(headers)):
        raise UsageError(
            f"{shown} is no gradebook export of Canvas: its first row lacks Student and ID. Export "
            "the gradebook anew, and do not save it from a spreadsheet."
        )
    return headers


def _points_row(table: Table) -> int | None:
    rows = enumerate(table.rows[:4])
    return next((row for row, cells in rows if cells[0].text.strip() == "Points Possible"), None)


def _column(
    table: Table, headers: Mapping[str, int], points: int | None, wanted: str | None
) -> int:
    """Return the column to fill: the wanted one, or the only candidate."""
    found = {
        at: match
        for header, at in headers.items()
        if (match := _ASSIGNMENT.fullmatch(header))
        and (points is None or "read only" not in _text(table.rows[points], at))
    }
    if wanted is None:
        fitting = [at for at, match in found.items() if COURSE in _words(match["title"])]
        fitting = list(found) if len(found) == 1 else fitting
    else:
        fitting = [at for at in found if table.rows[0][at].text.strip() == wanted.strip()]
        fitting = fitting or [
            at for at, m in found.items() if key(wanted) in (key(m["title"]), m["id"])
        ]
    if len(fitting) == 1:
        return fitting[0]
    raise UsageError(_ambiguous([table.rows[0][at].text.strip() for at in found], wanted))


def _ambiguous(headers: Sequence[str], wanted: str | None) -> str:
    if not headers:
        return "The export has no column of an assignment: make the assignment, and export anew."
    listed = ", ".join(f"'{header}'" for header in headers)
    if wanted is None:
        return f"Which assignment is to be filled? Name one with --canvas-column: {listed}."
    return f"There is no single assignment '{wanted}' in the export. There are: {listed}."


def _keys(cells: Sequence[Cell], headers: Mapping[str, int]) -> list[set[str]]:
    ids = [{key(_text(cells, headers.get(column)))} - {""} for column in COLUMNS]
    return [*ids, name_keys(_name(cells, headers))]


def _name(cells: Sequence[Cell], headers: Mapping[str, int]) -> str:
    if "Student" in headers:
        return _text(cells, headers["Student"])
    last, first = (_text(cells, headers.get(part)) for part in ("LastName", "FirstName"))
    return f"{last}, {first}"


def _is_test(name: str) -> bool:
    """Return True for the student that Canvas adds for the instructor's own view."""
    return name_keys(name) == name_keys("Student, Test")


def _text(cells: Sequence[Cell], at: int | None) -> str:
    return cells[at].text if at is not None and at < len(cells) else ""


def _number(text: str) -> float | None:
    """Parse points as Canvas writes them, with a point or a comma; None unless positive and finite."""
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return number if 0 < number < float("inf") else None


def _words(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text).casefold().strip()
