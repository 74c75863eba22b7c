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
from grader.export.joining import Account, Joined, join, key, name_keys

__all__ = ["to_brightspace"]

END = "end-of-line indicator"
KINDS = ("number", "login", "email", "name")
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
        tuple(name for row, name in names.items() if joined.sent_nothing(row)),
        addresses=_contacts(table, headers, joined, "email"),
        usernames=_contacts(table, headers, joined, "username"),
        style=table.style,
    )


def _headers(table: Table, shown: str) -> Mapping[str, int]:
    headers = headers_of(table)
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
    offers = [
        Offer(at, table.rows[0][at].text, match["item"], (f"{match['item']} points grade",))
        for at, match in items.items()
    ]
    found = pick(offers, wanted.name, thing="grade item", option="--brightspace-column")
    about = _MOST.search(items[found.at]["about"] or "")
    most = float(about[1].replace(",", ".")) if about else None
    exercises = meant_by(wanted, found.title, report.exercises)
    return Column(found.at, found.header, exercises, lambda _: most or None)


def _keys(cells: Sequence[Cell], headers: Mapping[str, int]) -> list[set[str]]:
    number, login, email = (
        {key(text_at(cells, headers.get(one)).lstrip("# "))} - {""}
        for one in ("orgdefinedid", "username", "email")
    )
    return [number, login, email, name_keys(_name(cells, headers))]


def _name(cells: Sequence[Cell], headers: Mapping[str, int]) -> str:
    """Return the person's name, or what else identifies the row."""
    last, first = (
        text_at(cells, headers.get(part)).strip() for part in ("last name", "first name")
    )
    other = text_at(cells, headers.get("username", headers.get("orgdefinedid"))).lstrip("# ")
    return f"{first} {last}".strip() or other


def _contacts(
    table: Table, headers: Mapping[str, int], joined: Joined, header: str
) -> dict[str, str]:
    texts = {row: text_at(table.rows[row], headers.get(header)).strip("# ") for row in joined.rows}
    return joined.only_senders(texts)
