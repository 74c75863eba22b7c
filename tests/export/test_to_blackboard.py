"""Blackboard's gradebook, filled by its columns' numbers, in any encoding, and no other byte changed."""

from __future__ import annotations

import codecs

import pytest

from grader.class_results import Sender, SubmissionResult
from grader.errors import UsageError
from grader.export.columns import Wanted
from grader.export.to_blackboard import to_blackboard
from tests.export.classes import IDS, report, submission
from tests.intake.layouts import Person, blackboard_grades

ADA = Person("Ada Lovelace", "1", "S1", "ada")
JOSE = Person('José "Pepe" O\'Brien', "2", "S2", "jose")
LI = Person("李 雷 🦀", "3", "S3", "li")
CLASS = (ADA, JOSE, LI)
ITEM = "Backpressure and retries [Total Pts: 20 Score] |501"
FORMS = [("utf-16", "\t"), ("utf-8-sig", ","), ("utf-8", ","), ("utf-8", "\t"), ("cp1252", ",")]


def sent(person: Person, score: int = 10) -> SubmissionResult:
    """What somebody handed in on Blackboard."""
    return submission(
        person.login, Sender("blackboard", person.login, sid=person.login), score=score
    )


@pytest.mark.parametrize(("encoding", "separator"), FORMS)
def test_every_other_byte_is_kept(encoding: str, separator: str) -> None:
    """Tabs in UTF-16, as it comes by default, or CSV; quotes, names and all."""
    people = CLASS if encoding != "cp1252" else (ADA, JOSE)
    export = blackboard_grades(people, {ITEM: "@@"}, encoding=encoding, separator=separator)
    account = to_blackboard(report([sent(one, 15) for one in people]), export)
    assert account.content.decode(encoding) == export.decode(encoding).replace("@@", "15")
    assert account.content.startswith(export[:40])
    assert account.left == ()


def test_the_other_order_of_bytes() -> None:
    """A byte-order mark says which one a file has, and it keeps it."""
    export = codecs.BOM_UTF16_BE + blackboard_grades(CLASS, {ITEM: "@@"}, encoding="utf-16-be")
    account = to_blackboard(report([sent(one, 15) for one in CLASS]), export)
    assert account.content == export.replace("@@".encode("utf-16-be"), "15".encode("utf-16-be"))


def test_what_waits_is_filled_and_what_is_graded_kept() -> None:
    """`Needs Grading` is no grade; a number is, and stays."""
    for waiting in ("Needs Grading", "Needs Grading(7.00)", "In Progress", ""):
        export = blackboard_grades([ADA], {ITEM: waiting})
        account = to_blackboard(report([sent(ADA, 15)]), export, overwrite=False)
        assert '"15"' in account.content.decode("utf-16")
    export = blackboard_grades([ADA], {ITEM: "19"})
    account = to_blackboard(report([sent(ADA, 15)]), export, overwrite=False)
    assert account.content == export
    assert "has 19 in" in account.left[0].reason


@pytest.mark.parametrize("wanted", ["Homework [EXTRA]", "77", "|77", "homework [extra]"])
def test_columns_by_title_and_number(wanted: str) -> None:
    """One item of several; its title may have brackets of its own; others stay."""
    items = {
        "Homework [EXTRA] [Total Pts: 4 Score] |77": "",
        "Homework [Total Pts: 10 Score] |78": "",
    }
    account = to_blackboard(
        report([sent(ADA, 10)]), blackboard_grades([ADA], items), columns=[Wanted(wanted)]
    )
    assert account.column == "Homework [EXTRA] [Total Pts: 4 Score] |77"
    assert account.out_of == 4
    assert account.content.decode("utf-16").endswith('"2"\t""\n')


def test_a_column_for_an_exercise() -> None:
    """Its title says which; points in words of another language are points."""
    items = {
        "Übung 1 [Gesamtpunkte: 10 Punktzahl] |7": "",
        "Note [Gesamtpunkte: bis zu 10 Punktzahl] |8": "",
    }
    account = to_blackboard(report([sent(ADA, 15)]), blackboard_grades([ADA], items))
    assert account.column == f"Übung 1 [Gesamtpunkte: 10 Punktzahl] |7 ({IDS[0].partition('_')[0]})"
    assert '"10"\t""\n' in account.content.decode("utf-16")


@pytest.mark.parametrize(
    ("items", "wanted", "complaint"),
    [
        ({"A [Total Pts: 1 Score] |1": "", "B [Total Pts: 1 Score] |2": ""}, None, "Which column"),
        ({"A [Total Pts: 1 Score] |1": ""}, "C", "no single column 'C'.*'A'"),
        ({"A [Total Pts: up to 1 Score] |1": ""}, None, "no column with points"),
        ({"A [Total Pts: 10 Text] |1": ""}, None, "no column with points"),
    ],
)
def test_columns_that_there_are_not(
    items: dict[str, str], wanted: str | None, complaint: str
) -> None:
    """What is calculated, or words, is not to be filled; what there is, is said."""
    columns = [Wanted(wanted)] if wanted else []
    with pytest.raises(UsageError, match=complaint):
        to_blackboard(report([]), blackboard_grades(CLASS, items), columns=columns)


@pytest.mark.parametrize(
    ("export", "complaint"),
    [
        (b"Student,ID\nAda,1\n", "no gradebook download of Blackboard"),
        (b"", "no gradebook download of Blackboard"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8", "no whole text in UTF-16"),
        (codecs.BOM_UTF16_LE + b"a", "no whole text in UTF-16"),
        (b"a\0b", "no CSV in UTF-8"),
    ],
)
def test_other_files(export: bytes, complaint: str) -> None:
    """They are refused, and it is said what to take."""
    with pytest.raises(UsageError, match=complaint):
        to_blackboard(report([]), export)
