"""Fills grades into the instructor's own Moodle grading worksheet.

Format (Moodle's `mod/assign/gradingtable.php`, `mod/assign/feedback/offline`): headers are in the
exporting user's language; the identifier is a word and the participant's number; `Maximum grade`
stands right after `Grade`. Moodle compares `Last modified (grade)` with its own record to protect
newer grades: that column must stay as exported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from grader.class_results import ClassReport
from grader.errors import UsageError
from grader.export.cells import Cell, Table, text_at
from grader.export.columns import Column, Wanted, fill, joined_headers, meant_by, wanted_columns
from grader.export.joining import Account, Grade, Left, join, key, name_keys
from grader.export.moments import moment_in

__all__ = ["to_moodle"]

KINDS = ("moodle", "email", "login", "name")
# Moodle's core string `grade` in the languages of most sites; otherwise the column is found by the
# maximum beside it, or named by the user.
GRADE = {
    "grade", "bewertung", "note", "calificación", "valutazione", "nota", "cijfer", "ocena",
    "karakter", "betyg", "arvosana", "оценка", "známka", "not", "评分", "評点",
}  # fmt: skip
# "Comment" in most languages: the column of feedback stands behind the grade, and its header says it.
_COMMENTS = re.compile(
    r"comment|komment|koment|coment|comm?ent[iá]|opmerking|palaute|коммент|комент|评语|评论|意见|コメント|yorum"
)
LOCKED = "can not be changed, as Moodle says: kept"
# "No" in the languages of most sites; the column is found by its place.
NO = {
    "no", "nein", "non", "nee", "nej", "nei", "nie", "não", "ei", "нет", "ні", "ne", "nu", "hay\u0131r",
    "否", "いいえ", "아니오", "όχι", "nem", "لا", "לא",
}  # fmt: skip
# "2 hours late" in Moodle's own words; a number keeps people called Late from being late.
_LATE = re.compile(
    r"\d.*\b(?:late|overdue|verspätet|verspätung|überfällig|tarde|retraso|atraso|laat|försenad|sent?|"
    r"forsinket|spóźnion\w*|myöhässä)\b|(?:retard|ritardo|опоздани\w*|задержк\w*)\D*\d|"
    r"\d.*(?:retard|ritardo|遅|迟|逾期)"
)
SENT = 3  # columns after the grade: its maximum, whether it can be changed, when the work was sent
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_IDENTIFIER = re.compile(r"\D*?(?P<number>\d+)")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


def to_moodle(
    report: ClassReport,
    worksheet: bytes,
    *,
    column: str | None = None,
    columns: Sequence[Wanted] = (),
    overwrite: bool = True,
    comments: bool = False,
    shown: str = "The worksheet",
) -> Account:
    """Return the worksheet with the class's grades; every other byte stays.

    column: the header of the grade column, needed when it cannot be found. columns: the same for
    several. overwrite: replace grades that are there. comments: also write each exercise's points, and
    what was adjusted, into `Feedback comments`, beside a grade that is filled in. Grades are scaled
    to the maximum beside them. Raises `UsageError` when the file is not a worksheet, when a column is
    ambiguous, or when grades are words of a scale instead of points.
    """
    table = Table(worksheet, shown)
    rows = table.rows
    people = [row for row, cells in enumerate(rows) if row and any(c.text.strip() for c in cells)]
    identifier = _identifier(rows, people, shown)
    found = [
        _column_of(rows, people, wanted, report, shown)
        for wanted in wanted_columns(column, columns)
    ]
    feedback = _feedback(rows[0], found[0].at, shown) if comments else None
    students = {row: _keys(rows[row], identifier) for row in people}
    joined = join(report.submissions, students, KINDS)
    first = found[0].at
    filled = fill(
        table,
        joined.rows,
        found,
        overwrite=overwrite,
        decided=lambda row, _: LOCKED if _is_locked(rows, row, first) else None,
    )
    values = dict(filled.values)
    unsaid: list[Left] = []
    if feedback is not None:
        graded = {row: joined.rows[row] for row, _ in filled.values}
        said, unsaid = _comments(rows, graded, feedback, overwrite=overwrite)
        values |= said
    late = [row for row in joined.rows if _is_late(rows[row], first)]
    return Account(
        table.filled(values),
        joined_headers(found),
        next((most for row in people if (most := found[0].out_of(row))), None),
        tuple(_name(rows[row], identifier) for row in sorted({row for row, _ in filled.values})),
        (*joined.left, *filled.left, *unsaid),
        tuple(_name(rows[row], identifier) for row in people if joined.sent_nothing(row)),
        late=frozenset(joined.rows[row].submission for row in late),
        submitted={
            grade.submission: when
            for row, grade in joined.rows.items()
            if (when := moment_in(text_at(rows[row], first + SENT)))
        },
        addresses=joined.only_senders(
            {row: _address(rows[row], identifier) for row in joined.rows}
        ),
        style=table.style,
    )


def _column_of(
    rows: Sequence[Sequence[Cell]],
    people: Sequence[int],
    wanted: Wanted,
    report: ClassReport,
    shown: str,
) -> Column:
    at = _grade(rows, people, wanted.name, shown)
    header = rows[0][at].text
    exercises = meant_by(wanted, header, report.exercises)
    return Column(at, header, exercises, lambda row: _number(text_at(rows[row], at + 1)))


def _is_locked(rows: Sequence[Sequence[Cell]], row: int, grade: int) -> bool:
    """Return True where Moodle would refuse a grade: `Grade can be changed` stands after the maximum."""
    return key(text_at(rows[row], grade + 2)) in NO


def _is_late(cells: Sequence[Cell], grade: int) -> bool:
    """Return True when the status, somewhere before the grade, says by how much it is late."""
    return any(_LATE.search(key(cell.text)) for cell in cells[:grade])


def _identifier(rows: Sequence[Sequence[Cell]], people: Sequence[int], shown: str) -> int:
    """Return the column of `Participant N`: the word depends on the language, the form does not."""
    for at, _ in enumerate(rows[0] if people else ()):
        texts = [text_at(rows[row], at).strip() for row in people]
        numbers = [_IDENTIFIER.fullmatch(text) for text in texts]
        words = {text.rstrip("0123456789") for text in texts}
        if all(numbers) and len(words) == 1 and len(set(texts)) == len(texts):
            return at
    raise UsageError(
        f"{shown} is no grading worksheet of Moodle: no column identifies the participants. Take "
        "'Download grading worksheet' of the assignment, as it comes."
    )


def _grade(
    rows: Sequence[Sequence[Cell]], people: Sequence[int], wanted: str | None, shown: str
) -> int:
    """Return the grade column: by its header, or else by the maximum right after it."""
    headers = [key(cell.text) for cell in rows[0]]
    known = {key(wanted)} if wanted is not None else GRADE
    found = [at for at, header in enumerate(headers) if header in known]
    if not found and wanted is None:
        found = [at for at in range(len(headers) - 1) if _before_maximum(rows, people, at)]
    if len(found) != 1:
        listed = ", ".join(f"'{cell.text}'" for cell in rows[0])
        raise UsageError(
            f"Which column of {shown} holds the grades? Name one with --moodle-column: {listed}."
        )
    if any("\n" in text_at(rows[row], found[0] + 1) for row in people):
        raise UsageError(
            f"The assignment of {shown} is graded in words (a scale), not in points: set its grade "
            "to points in Moodle, and download the worksheet again."
        )
    return found[0]


def _before_maximum(rows: Sequence[Sequence[Cell]], people: Sequence[int], at: int) -> bool:
    maxima = {text_at(rows[row], at + 1).strip() for row in people}
    most = _number(maxima.pop()) if len(maxima) == 1 else None
    grades = {text_at(rows[row], at).strip() for row in people} - {""}
    numbers = [_number(grade) for grade in grades]
    return most is not None and all(one is not None and one <= most for one in numbers)


def _feedback(headers: Sequence[Cell], grade: int, shown: str) -> int:
    """Return the column of feedback comments: the last behind the grade whose header says so."""
    found = [at for at in range(grade + 1, len(headers)) if _COMMENTS.search(key(headers[at].text))]
    if not found:
        raise UsageError(
            f"{shown} has no column of feedback comments: turn on 'Feedback comments' in the settings "
            "of the assignment, and download the worksheet again."
        )
    return found[-1]


def _comments(
    rows: Sequence[Sequence[Cell]], graded: Mapping[int, Grade], at: int, *, overwrite: bool
) -> tuple[dict[tuple[int, int], str], list[Left]]:
    """Return the comments by row and column, and those that stay as they are."""
    values: dict[tuple[int, int], str] = {}
    left = []
    for row, grade in graded.items():
        before, comment = text_at(rows[row], at).strip(), _comment(grade)
        if not before or overwrite:
            values[row, at] = comment
        elif before != comment:
            left.append(Left(grade.submission, "has feedback comments already: they are kept"))
    return values, left


def _keys(cells: Sequence[Cell], identifier: int) -> list[set[str]]:
    number = _IDENTIFIER.fullmatch(cells[identifier].text.strip())
    others = [cell.text.strip() for cell in cells[identifier + 1 :]]
    # After the name come the identity fields that the site shows: number, address, login.
    return [
        {number["number"]} if number else set(),
        {key(text) for text in others if EMAIL.fullmatch(text)},
        {key(text) for text in others[1:4] if text},
        name_keys(others[0]) if others else set(),
    ]


def _name(cells: Sequence[Cell], identifier: int) -> str:
    """Return the participant with the next cell: the full name, unless names are hidden."""
    beside = text_at(cells, identifier + 1).strip()
    return f"{cells[identifier].text.strip()} ({beside})" if beside else cells[identifier].text


def _address(cells: Sequence[Cell], identifier: int) -> str:
    texts = (cell.text.strip() for cell in cells[identifier + 1 :])
    return next((text for text in texts if EMAIL.fullmatch(text)), "")


def _comment(grade: Grade) -> str:
    """Return each exercise's points, and what was adjusted, as HTML, as which Moodle takes it."""
    return "; ".join(escape(text, quote=False) for text in _said(grade))


def _said(grade: Grade) -> Iterator[str]:
    for name, points, most in grade.exercises:
        yield f"{name}: {points:g} of {most:g}"
    yield from grade.said


def _number(text: str) -> float | None:
    """Parse a grade as Moodle writes it, with a point or a comma; None for other texts."""
    text = text.strip()
    return float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None
