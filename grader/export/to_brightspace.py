"""Fills columns of the instructor's own grade export of Brightspace (D2L).

Format (D2L, "Export grades" and "Import grades"): `OrgDefinedId` and `Username`, each with a leading `#`;
names; a column `<item> Points Grade <Numeric MaxPoints:10 …>` for each item; and, last, `End-of-Line
Indicator` with `#` in each row, which an import needs. Only points are filled: a grade by weight or
by scheme is made of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from grader.class_results import ClassReport
from grader.errors import UsageError
from grader.export.cells import Cell, Table
from grader.export.columns import Column, Wanted, fill, joined_headers, meant_by, wanted_columns
from grader.export.joining import Account, join, key, name_keys

__all__ = ["to_brightspace"]

END = "end-of-line indicator"
KINDS = ("number", "login", "email", "name")
COURSE = "backpressure and retries"
_POINTS = re.compile(
    r"(?P<item>.*?)\s+points grade\s*(?:<(?P<about>[^>]*)>)?\s*", re.IGNORECASE | re.DOTALL
)
_MOST = re.compile(r"maxpoints:\s*(\d+(?:[.,]\d+)?)", re.IGNORECASE)


def to_brightspace(
    report: ClassReport,
    export: bytes,
    *,
    columns: Sequence[Wanted] = (),
    overwrite: bool = True,
    shown: str = "The export",
) -> Account:
    """Return the export with the class's scores in some items' columns; other bytes stay.

    columns: the items' names or whole headers; by default the only item, or the only one named like
    the course. overwrite: replace grades that are there. Scores are scaled to the item's maximum.
    Raises `UsageError` when the file is not an export or a column is ambiguous.
    """
    table = Table(export, shown)
    headers = _headers(table, shown)
    found = [_column(table, wanted, report) for wanted in wanted_columns(None, columns)]
    students = {
        row: _keys(cells, headers)
        for row, cells in enumerate(table.rows)
        if row and any(cell.text.strip(" #") for cell in cells)
    }
    joined = join(report.submissions, students, KINDS)
    filled = fill(table, joined.rows, found, overwrite=overwrite, decided=lambda *_: None)
    names = {row: _name(table.rows[row], headers) for row in students}
    return Account(
        table.filled(filled.values),
        joined_headers(found),
        found[0].out_of(0),
        tuple(names[row] for row in sorted({row for row, _ in filled.values})),
        joined.left + filled.left,
        tuple(name for row, name in names.items() if row not in joined.rows),
        style=table.style,
    )


def _headers(table: Table, shown: str) -> Mapping[str, int]:
    headers: dict[str, int] = {}
    for at, cell in enumerate(table.rows[0] if table.rows else ()):
        headers.setdefault(key(cell.text), at)
    if END not in headers or not {"orgdefinedid", "username"} & set(headers):
        raise UsageError(
            f"{shown} is no grade export of Brightspace: its first row lacks OrgDefinedId or Username, "
            "or End-of-Line Indicator. Export the grades anew, with points and both identifiers."
        )
    return headers


def _column(table: Table, wanted: Wanted, report: ClassReport) -> Column:
    items = {
        at: match
        for at, cell in enumerate(table.rows[0])
        if (match := _POINTS.fullmatch(cell.text))
    }
    if wanted.name is None:
        fitting = [at for at, match in items.items() if COURSE in _words(match["item"])]
        fitting = list(items) if len(items) == 1 else fitting
    else:
        name = key(wanted.name)
        headers = {at: key(table.rows[0][at].text) for at in items}
        fitting = [
            at
            for at, match in items.items()
            if name in (headers[at], key(match["item"]), f"{key(match['item'])} points grade")
        ]
    if len(fitting) != 1:
        raise UsageError(_ambiguous([match["item"] for match in items.values()], wanted.name))
    (at,) = fitting
    found = _MOST.search(items[at]["about"] or "")
    most = float(found[1].replace(",", ".")) if found else None
    header = table.rows[0][at].text
    exercises = meant_by(wanted, items[at]["item"], report.exercises)
    return Column(at, header, exercises, lambda _: most or None)


def _ambiguous(items: Sequence[str], wanted: str | None) -> str:
    if not items:
        return "The export has no column with a Points Grade: make the grade item, and export anew."
    listed = ", ".join(f"'{item}'" for item in items)
    if wanted is None:
        return f"Which grade item is to be filled? Name one with --brightspace-column: {listed}."
    return f"There is no single grade item '{wanted}' in the export. There are: {listed}."


def _keys(cells: Sequence[Cell], headers: Mapping[str, int]) -> list[set[str]]:
    number, login, email = (
        {key(_text(cells, headers.get(one)).lstrip("# "))} - {""}
        for one in ("orgdefinedid", "username", "email")
    )
    return [number, login, email, name_keys(_name(cells, headers))]


def _name(cells: Sequence[Cell], headers: Mapping[str, int]) -> str:
    """Return the person's name, or what else identifies the row."""
    last, first = (_text(cells, headers.get(part)).strip() for part in ("last name", "first name"))
    other = _text(cells, headers.get("username", headers.get("orgdefinedid"))).lstrip("# ")
    return f"{first} {last}".strip() or other


def _text(cells: Sequence[Cell], at: int | None) -> str:
    return cells[at].text if at is not None and at < len(cells) else ""


def _words(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text).casefold().strip()
