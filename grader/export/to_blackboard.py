"""Fills columns of the instructor's own gradebook download of Blackboard.

Format (Blackboard Help, "Work offline with grade data"; files of Learn Original and Ultra): a header and
a row for each student; `Last Name`, `First Name`, `Username`, at times `Student ID` and more; then a
column `Title [Total Pts: 100 Score] |1281892` for each item, by whose number an upload finds it. `Total
Pts: up to 100` is a column that Blackboard calculates. The words are in the user's language. By default
the file is tab-delimited UTF-16 and called `.xls`; it may be CSV in UTF-8. A cell of work that waits for
a grade holds `Needs Grading`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from grader.class_results import ClassReport
from grader.errors import UsageError
from grader.export.cells import Cell, Style, Table, text_at
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
from grader.export.joining import Account, given_first, join, key, name_keys

__all__ = ["to_blackboard"]

KINDS = ("login", "number", "name")
NUMBER = {"student id", "student-id", "matrikelnummer", "id de estudiante", "studentnummer"}
USERNAME_AT, NAMES_AT = 2, (0, 1)  # the columns of a download in any language
# "Score" alone holds points as they are; these hold something that is made of them, or words.
OTHER_KINDS = {"percentage", "text", "letter", "complete/incomplete", "tabular"}
_ITEM = re.compile(
    r"(?P<title>.*?)\s*\[[^\]:\uff1a]*[:\uff1a]\s*(?P<most>\d+(?:[.,]\d+)?)\s*(?P<kind>[^\]]*)\]\s*\|\s*(?P<id>\d+)\s*",
    re.DOTALL,
)
_ANY_ITEM = re.compile(r".*\|\s*\d+\s*", re.DOTALL)
# It waits for a grade; `Needs Grading(7.00)` had one before this attempt.
_WAITING = re.compile(r"(?:needs grading|in progress)(?:\s*\(.*\))?", re.IGNORECASE)


def to_blackboard(
    report: ClassReport,
    export: bytes,
    *,
    columns: Sequence[Wanted] = (),
    overwrite: bool = True,
    shown: str = "The export",
) -> Account:
    """Return the download with the class's scores in some items' columns; other bytes stay.

    columns: the items' titles, numbers or whole headers; by default the only item, or the only one named
    like the course. overwrite: replace grades that are there. Scores are scaled to the item's points.
    Raises `UsageError` when the file is not a download or a column is ambiguous.
    """
    table = Table(export, shown, wide=True)
    headers = _headers(table, shown)
    found = [_column(table, wanted, report) for wanted in wanted_columns(None, columns)]
    username = headers.get("username", USERNAME_AT)
    students = {
        row: _keys(cells, headers, username)
        for row, cells in enumerate(table.rows)
        if row and text_at(cells, username).strip()
    }
    joined = join(report.submissions, students, KINDS)
    filled = fill(
        table,
        joined.rows,
        found,
        overwrite=overwrite,
        decided=lambda *_: None,
        waiting=_WAITING,
    )
    names = {row: _name(table.rows[row]) for row in students}
    return Account(
        table.filled(filled.values),
        joined_headers(found),
        found[0].out_of(0),
        tuple(names[row] for row in sorted({row for row, _ in filled.values})),
        joined.left + filled.left,
        tuple(name for row, name in names.items() if joined.sent_nothing(row)),
        joined.only_senders({row: given_first(name) for row, name in names.items()}),
        usernames=joined.only_senders(
            {row: text_at(table.rows[row], username).strip() for row in joined.rows}
        ),
        # No spreadsheet splits a `.csv` at tabs.
        style=Style(mark=True) if table.separator == "\t" else table.style,
    )


def _headers(table: Table, shown: str) -> Mapping[str, int]:
    headers = headers_of(table)
    items = [at for header, at in headers.items() if _ANY_ITEM.fullmatch(header)]
    if not items or min(items) <= USERNAME_AT:
        raise UsageError(
            f"{shown} is no gradebook download of Blackboard: its first row lacks Last Name, First Name "
            "and Username, or a column such as 'Title [Total Pts: 10 Score] |123'. Take 'Work Offline', "
            "'Download', and do not save it from a spreadsheet."
        )
    return headers


def _column(table: Table, wanted: Wanted, report: ClassReport) -> Column:
    items = {
        at: match
        for at, cell in enumerate(table.rows[0])
        if (match := _ITEM.fullmatch(cell.text)) and key(match["kind"]) not in OTHER_KINDS
    }
    offers = [
        Offer(at, table.rows[0][at].text, match["title"], (match["id"], f"|{match['id']}"))
        for at, match in items.items()
    ]
    found = pick(offers, wanted.name, thing="column", option="--blackboard-column")
    most = float(items[found.at]["most"].replace(",", "."))
    exercises = meant_by(wanted, found.title, report.exercises)
    return Column(found.at, found.header, exercises, lambda _: most or None)


def _number(headers: Mapping[str, int]) -> int | None:
    """Return the column of the school's numbers, if there is one."""
    return next((at for header, at in headers.items() if header in NUMBER), None)


def _keys(cells: Sequence[Cell], headers: Mapping[str, int], username: int) -> list[set[str]]:
    login, number = ({key(text_at(cells, at))} - {""} for at in (username, _number(headers)))
    return [login, number, name_keys(_name(cells))]


def _name(cells: Sequence[Cell]) -> str:
    last, first = (text_at(cells, at).strip() for at in NAMES_AT)
    return f"{last}, {first}" if first else last
