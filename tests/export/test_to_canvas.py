"""Canvas' gradebook export, filled: one column and no other byte, and everybody's own grade."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.class_results import Sender, SubmissionResult
from grader.errors import UsageError
from grader.export.joining import (
    NO_ROW,
    OTHER_NUMBER,
    TWO_ROWS,
    TWO_SUBMISSIONS,
    UNGRADED,
    Account,
    Left,
)
from grader.export.to_canvas import to_canvas
from tests.export.classes import report, submission
from tests.intake.layouts import Person, canvas_gradebook

ADA = Person("Ada Lovelace", "101", sid="S1", login="ada@school.edu")
JOSE = Person('José "Pepe" O\'Brien, Jr', "102", sid="S2", login="jose")
LI = Person("李 雷", "103", sid="S3", login="li")
KIM = Person("Kim Kim", "104", sid="S4", login="kim")
CLASS = (ADA, JOSE, LI, KIM)
HEADER = "Backpressure and retries (501)"


def sent(person: Person, score: int = 10, *, ungraded: bool = False) -> SubmissionResult:
    """What a person handed in on Canvas."""
    sender = Sender("canvas", person.id, name=person.sortable.lower())
    return submission(f"{person.name}_{person.id}", sender, score=score, ungraded=ungraded)


def grades(content: bytes, column: str = HEADER, separator: str = ",") -> dict[str, str]:
    """The column by the students' ids, as any reader of CSV sees it."""
    text = content.decode("utf-8-sig")
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)
    return {row["ID"]: row[column] for row in rows if row["ID"]}


def filled(account: Account) -> dict[str, str]:
    """The grades in the file, by the students' ids."""
    return {who: grade for who, grade in grades(account.content).items() if grade}


def test_ids_join() -> None:
    """Everybody's score is in their row, scaled to the points possible."""
    scores = {ADA: 20, JOSE: 7, KIM: 0}
    account = to_canvas(report(sent(p, n) for p, n in scores.items()), canvas_gradebook(CLASS))
    assert filled(account) == {"101": "20", "102": "7", "104": "0"}
    assert (account.column, account.out_of, account.left) == (HEADER, 20.0, ())
    assert account.filled == tuple(person.sortable for person in scores)
    assert account.untouched == (LI.sortable,)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", [True, False])
@pytest.mark.parametrize("posting", [True, False])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_every_other_byte_is_kept(newline: str, bom: bool, posting: bool, separator: str) -> None:
    """A byte-order mark, quotes, line ends and rows of Canvas' own stay as they were."""
    export = canvas_gradebook(
        CLASS, bom=bom, posting=posting, newline=newline, separator=separator,
        grades={ADA.id: "@@"},
    )  # fmt: skip
    account = to_canvas(report([sent(ADA, 15)]), export)
    assert account.content == export.replace(b"@@", b"15")
    assert grades(account.content, separator=separator)[ADA.id] == "15"


@pytest.mark.parametrize(
    ("possible", "score", "written"),
    [
        ("100.00", 7, "35"),
        ("100,0", 20, "100"),
        ("3", 1, "0.15"),
        ("7.77", 20, "7.77"),
        ("0.00", 7, "7"),
        ("", 7, "7"),
        ("nan", 7, "7"),
    ],
)
def test_scaling(possible: str, score: int, written: str) -> None:
    """A full score is the points possible; without any, points go in as they are."""
    export = canvas_gradebook([ADA], {HEADER: possible})
    assert filled(to_canvas(report([sent(ADA, score)]), export)) == {ADA.id: written}


def test_what_is_decided_stays() -> None:
    """Excused students and those to whom it was not assigned keep what their cell says."""
    export = canvas_gradebook(CLASS, grades={ADA.id: "EX", JOSE.id: "N/A", LI.id: "3"})
    account = to_canvas(report(map(sent, CLASS)), export)
    assert filled(account) == {"101": "EX", "102": "N/A", "103": "10", "104": "10"}
    assert [one.reason for one in account.left] == [
        "excused in Canvas",
        "not assigned to them in Canvas",
    ]


def test_ungraded_is_no_zero() -> None:
    """Who could not be graded keeps an empty cell, and is reported."""
    account = to_canvas(report([sent(ADA, ungraded=True)]), canvas_gradebook(CLASS))
    assert filled(account) == {}
    assert account.left == (Left("Ada Lovelace_101", UNGRADED),)


@pytest.mark.parametrize(
    ("sender", "row"),
    [
        (Sender("gradescope", "1", name="X", sid="s2"), "102"),
        (Sender("gradescope", "1", name="X", sid="li"), "103"),
        (Sender("gradescope", "1", name="X", email="ADA@school.edu"), "101"),
        (Sender("gradescope", "101", name="ada lovelace"), "101"),
        (Sender("moodle", "102", name="Jo Brien"), NO_ROW),
        (Sender("moodle", "102", name="李 雷"), "103"),
        (Sender(name="S4"), "104"),
        (Sender(name="jose"), "102"),
        (Sender(name="Lovelace, Ada"), "101"),
        (Sender(name="101"), NO_ROW),
        (Sender("gradescope", "1", name="Ada Lovelace", sid="S99"), OTHER_NUMBER),
        (Sender("canvas", "999999", name="lovelaceada"), NO_ROW),
        (Sender("canvas", "Ab1cD"), NO_ROW),
        (Sender("canvas", "", name="lovelaceada"), "101"),
        (Sender(), NO_ROW),
    ],
)
def test_who_is_who(sender: Sender, row: str) -> None:
    """Ids first, each only where it means something, then a name that nothing speaks against."""
    account = to_canvas(report([submission("s", sender)]), canvas_gradebook(CLASS))
    if row.isdigit():
        assert filled(account) == {row: "10"}
        assert account.left == ()
    else:
        assert filled(account) == {}
        assert account.left == (Left("s", row),)


def test_a_name_of_two_is_nobodys() -> None:
    """Of two students of one name neither gets the other's grade."""
    twin = Person("Ada Lovelace", "201")
    account = to_canvas(
        report([submission("s", Sender(name="Ada Lovelace"))]), canvas_gradebook([*CLASS, twin])
    )
    assert filled(account) == {}
    assert account.left == (Left("s", TWO_ROWS),)


def test_two_submissions_of_one_person() -> None:
    """Nobody's grade is the one that happens to come last."""
    again = submission("again", Sender(name="S1"), score=3)
    account = to_canvas(report([sent(ADA), again]), canvas_gradebook(CLASS))
    assert filled(account) == {}
    assert [one.reason for one in account.left] == [TWO_SUBMISSIONS] * 2


def test_a_group_gets_one_grade_each() -> None:
    """All who sent it get the grade; who is not in the gradebook is named."""
    people = [Sender("gradescope", "9", p.name, p.sid) for p in (ADA, LI)]
    stranger = Sender("gradescope", "9", "Stranger", "S9")
    again = Sender("gradescope", "9", ADA.name, ADA.sid)
    work = submission("submission_9", *people, stranger, again, score=12)
    account = to_canvas(report([work]), canvas_gradebook(CLASS))
    assert filled(account) == {"101": "12", "103": "12"}
    assert account.left == (Left("submission_9 (Stranger)", NO_ROW),)


TWO = {"Homework 1 (11)": "10", "Homework 2 (12)": "10"}


@pytest.mark.parametrize("column", ["Homework 2", " homework  2", "12", "Homework 2 (12)"])
def test_the_column_may_be_named(column: str) -> None:
    """By the assignment's title, its id, or the whole header."""
    account = to_canvas(report([sent(ADA)]), canvas_gradebook(CLASS, TWO), column=column)
    assert account.column == "Homework 2 (12)"
    assert grades(account.content, "Homework 2 (12)")[ADA.id] == "5"
    assert grades(account.content, "Homework 1 (11)")[ADA.id] == ""


def test_the_column_named_like_the_course_is_taken() -> None:
    """Among several assignments the course's own is meant."""
    export = canvas_gradebook(CLASS, {**TWO, "Week 3: Backpressure & retries (13)": "20"})
    with pytest.raises(UsageError, match="Which assignment"):
        to_canvas(report([sent(ADA)]), export)
    export = canvas_gradebook(CLASS, {**TWO, "Week 3: Backpressure and Retries (13)": "20"})
    assert to_canvas(report([sent(ADA)]), export).column.endswith("(13)")


@pytest.mark.parametrize(
    ("assignments", "column", "message"),
    [
        (TWO, None, r"--canvas-column: 'Homework 1 \(11\)', 'Homework 2 \(12\)'"),
        (TWO, "Homework 3", "no single assignment 'Homework 3'"),
        ({"Same (1)": "1", "Same (2)": "1"}, "Same", "no single assignment 'Same'"),
        ({}, None, "no assignment with points"),
        ({"Total (7)": "(read only)"}, None, "no assignment with points"),
    ],
)
def test_a_column_in_doubt(assignments: dict[str, str], column: str | None, message: str) -> None:
    """No column is guessed: the error lists what there is."""
    with pytest.raises(UsageError, match=message):
        to_canvas(report([sent(ADA)]), canvas_gradebook(CLASS, assignments), column=column)


@pytest.mark.parametrize("content", [b"", b"a,b\n", b"Student,Name\n", b"\xff\xfeS\0t\0"])
def test_files_that_are_none(content: bytes) -> None:
    """Another file is an error that says what to export."""
    with pytest.raises(UsageError, match=r"^my\.csv is no "):
        to_canvas(report([]), content, shown="my.csv")


def test_names_in_two_columns() -> None:
    """Canvas may export family and given names apart."""
    export = b"LastName,FirstName,ID,SIS Login ID,Section,A (1)\n    Points Possible,,,,,20\n"
    export += b"Lovelace,Ada,101,,S,\nStudent,Test,999,,S,\n"
    account = to_canvas(report([submission("s", Sender(name="Ada Lovelace"))]), export)
    assert account.content == export.replace(b"101,,S,", b"101,,S,10")
    assert (account.filled, account.untouched) == (("Lovelace, Ada",), ())


def test_rows_that_a_spreadsheet_cut_short() -> None:
    """A row without its last empty cells gets the separators that it lacks, and no more."""
    export = b"Student,ID,SIS Login ID,Section,A (1),B\r\nAda,101\r\n\r\nBob,102,,,3,4\r\n"
    account = to_canvas(report([sent(ADA, 20)]), export)
    assert account.content == export.replace(b"Ada,101", b"Ada,101,,,20")


def test_an_old_encoding_is_kept() -> None:
    """A file that a spreadsheet saved in its own encoding is filled, byte by byte."""
    export = 'Student,ID,A (1)\r\n"O\'Zoë",101,\r\nKÿm,102,\r\n'.encode("cp1252")
    account = to_canvas(report([submission("s", Sender(name="kÿm"))]), export)
    assert account.content == export.replace(b"102,", b"102,10")


def test_quoted_cells_stay_quoted() -> None:
    """Where the platform quotes, the new grade is quoted; unclosed quotes are characters."""
    export = b'"Student","ID","A (1)"\n"Ada ""A"" L","101",""\n"x"y,"102" ,"\n'
    account = to_canvas(report([sent(ADA), sent(JOSE)]), export)
    assert account.content == b'"Student","ID","A (1)"\n"Ada ""A"" L","101","10"\n"x"y,"102" ,10\n'


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@settings(max_examples=80)
@given(
    names=st.lists(texts, min_size=1, max_size=6),
    before=texts,
    separator=st.sampled_from(",;\t"),
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
    data=st.data(),
)
def test_filling_changes_no_other_byte(
    names: list[str], before: str, separator: str, newline: str, data: st.DataObject
) -> None:
    """Whatever else a gradebook holds, its bytes stay; the new cells hold the new grades."""
    people = [Person(name, str(number)) for number, name in enumerate(names, 100)]
    marks = {person.id: f"\u2603{person.id}\u2603" for person in people}
    export = canvas_gradebook(
        people, {f"{before} (501)": "20"}, separator=separator, newline=newline, grades=marks
    )
    graded = data.draw(st.sets(st.sampled_from(people)))
    account = to_canvas(report(sent(person, 13) for person in graded), export, column="501")
    expected = export
    for person in graded:
        expected = expected.replace(marks[person.id].encode(), b"13")
    assert account.content == expected


# -- what a spreadsheet, and people, have made of an export -----------------------------------------


@pytest.mark.parametrize("written", ["101.0", "101,00", "'101", "\u200b101"])
def test_an_id_that_a_spreadsheet_has_rewritten(written: str) -> None:
    """It is the same number; what looks like thousands is not."""
    export = canvas_gradebook([ADA, LI]).decode().replace(",101,", f',"{written}",')
    account = to_canvas(report([sent(ADA, 20)]), export.encode())
    assert account.left == ()
    thousands = export.replace(f'"{written}"', '"101.000"').encode()
    assert to_canvas(report([sent(ADA, 20)]), thousands).left == (Left("Ada Lovelace_101", NO_ROW),)


def test_ids_that_a_spreadsheet_has_rounded() -> None:
    """Nobody can tell whose they were, and it is said where that comes from."""
    export = canvas_gradebook([ADA, LI]).decode().replace(",101,", ",1.01E+02,").encode()
    (left,) = to_canvas(report([sent(ADA)]), export).left
    assert left.reason.startswith(f"{NO_ROW}: a spreadsheet has rounded")


def test_one_id_in_two_rows_is_one_person() -> None:
    """As where the exports of two sections were put together: both rows, and nobody is missing."""
    export = canvas_gradebook([ADA, LI]).decode()
    row = next(line for line in export.splitlines(keepends=True) if ",101," in line)
    account = to_canvas(report([sent(ADA, 20)]), (export + row).encode())
    assert (account.left, account.untouched) == ((), (LI.sortable,))
    assert [
        cells[1] for cells in csv.reader(io.StringIO(account.content.decode("utf-8-sig")))
    ].count("101") == 2
    assert len(account.filled) == 2


def test_who_sent_without_a_name_is_told_how_to_get_one() -> None:
    """Canvas' anonymous download has no id that its gradebook knows."""
    one = submission("anon_Xy12", Sender("canvas", "Xy12"), score=20)
    (left,) = to_canvas(report([one]), canvas_gradebook([ADA])).left
    assert "show the students' names in Canvas" in left.reason


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_line_that_says_the_separator(newline: str) -> None:
    """Spreadsheets want it before the header; it stays."""
    export = canvas_gradebook([ADA], separator=";", newline=newline, bom=False)
    first = f"sep=;{newline}".encode()
    account = to_canvas(report([sent(ADA, 20)]), first + export)
    assert account.content.startswith(first)
    assert account.content.removeprefix(first) == to_canvas(report([sent(ADA, 20)]), export).content


def test_marks_of_direction_are_no_part_of_a_name() -> None:
    """They come with names that are written from right to left."""
    other = Person("\u200fאבג הלל\u200f", "107", login="avi")
    account = to_canvas(report([sent(other, 20)]), canvas_gradebook([other]))
    assert [*account.names.values()] == ["אבג הלל"]


@pytest.mark.parametrize(
    ("page", "name"), [("cp949", "김철수"), ("cp1251", "Пётр Іванов"), ("cp1252", "Zoë Größl")]
)
def test_an_export_in_a_code_page(page: str, name: str) -> None:
    """As a spreadsheet saves it on Windows: names are read, and every other byte stays."""
    other = Person(name, "107", login="k")
    export = canvas_gradebook([other], bom=False).decode().encode(page)
    account = to_canvas(report([sent(other, 20)]), export)
    assert [*account.names.values()] == [name]
    assert account.content.decode(page).replace(",20,", ",,", 1) == export.decode(page)


def test_who_may_have_sent_something_is_not_said_to_have_sent_nothing() -> None:
    """Where two submissions are one person's, and where a name has another number."""
    twice = [submission(f"{n}", Sender(name="Ada Lovelace"), score=n) for n in (1, 2)]
    other = submission("li", Sender("gradescope", "9", name=LI.name, sid="S9"), score=3)
    account = to_canvas(report([*twice, other]), canvas_gradebook(CLASS))
    assert {one.reason for one in account.left} == {TWO_SUBMISSIONS, OTHER_NUMBER}
    assert account.untouched == (JOSE.sortable, KIM.sortable)
