"""Moodle's grading worksheet, filled: grades where they belong and no other byte."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from grader.class_results import Final, Sender, SubmissionResult
from grader.errors import UsageError
from grader.export.joining import NO_ROW, TWO_SUBMISSIONS, UNGRADED, Account, Left
from grader.export.moments import moment_in
from grader.export.to_moodle import to_moodle
from tests.export.classes import report, submission
from tests.intake.layouts import Person, moodle_worksheet

ADA = Person("Ada Lovelace", "501", email="ada@school.edu")
JOSE = Person('José "Pepe" O\'Brien, Jr', "502", email="jose@school.edu")
LI = Person("李 雷", "503", email="li@school.edu")
CLASS = (ADA, JOSE, LI)
GERMAN = {
    "Identifier": "ID",
    "Full name": "Vollständiger Name",
    "Grade": "Bewertung",
    "Maximum Grade": "Bestwertung",
    "Last modified (grade)": "Zuletzt geändert (Bewertung)",
    "Feedback comments": "Feedback als Kommentar",
}
UNKNOWN = {"Identifier": "識別子", "Grade": "??", "Maximum Grade": "???"}


def sent(person: Person, score: int = 10, *, ungraded: bool = False) -> SubmissionResult:
    """What a participant handed in on Moodle."""
    sender = Sender("moodle", person.id, name=person.name)
    return submission(f"{person.name}_{person.id}", sender, score=score, ungraded=ungraded)


def rows(account: Account) -> list[list[str]]:
    """The worksheet as any reader of CSV sees it."""
    return list(csv.reader(io.StringIO(account.content.decode("utf-8-sig"), newline="")))


def grades(account: Account) -> dict[str, str]:
    """The grades in the file, by the participants' identifiers."""
    header, *others = rows(account)
    at = header.index(account.column)
    return {row[0]: row[at] for row in others if row[at]}


def test_numbers_join() -> None:
    """Everybody's grade is in their row, scaled to the maximum of the worksheet."""
    account = to_moodle(report([sent(ADA, 20), sent(LI, 7)]), moodle_worksheet(CLASS))
    assert grades(account) == {"Participant 501": "100", "Participant 503": "35"}
    assert (account.column, account.out_of, account.left) == ("Grade", 100.0, ())
    assert account.filled == ("Participant 501 (Ada Lovelace)", "Participant 503 (李 雷)")
    assert account.untouched == ('Participant 502 (José "Pepe" O\'Brien, Jr)',)


def test_every_other_byte_is_kept() -> None:
    """Above all the time of the last change, by which Moodle protects newer grades."""
    worksheet = moodle_worksheet(CLASS, grade="@@")
    account = to_moodle(report([sent(person, 15) for person in CLASS]), worksheet)
    assert account.content == worksheet.replace(b"@@", b"75")


@pytest.mark.parametrize("grade", ["", "50,00"])
@pytest.mark.parametrize(
    ("headers", "word"),
    [(GERMAN, "Teilnehmer/in"), (UNKNOWN, "Osallistuja "), (GERMAN, "参加者")],
)
def test_other_languages(headers: dict[str, str], word: str, grade: str) -> None:
    """Headers and the participants' word are in any language; a decimal comma is written, too."""
    worksheet = moodle_worksheet(CLASS, headers=headers, word=word, maximum="50,00", grade=grade)
    account = to_moodle(report([sent(ADA, 15)]), worksheet)
    assert account.column == headers["Grade"]
    assert grades(account)[f"{word}501"] == "37,5"


def test_a_named_column() -> None:
    """Where nothing tells the grades, their header does; without a maximum points go in as they are."""
    worksheet = b"ID,Nom,Punkte,Anderes\nTeilnehmer 501,Ada,,x\nTeilnehmer 502,Bo,,y\n"
    with pytest.raises(UsageError, match="--moodle-column: 'ID', 'Nom', 'Punkte', 'Anderes'"):
        to_moodle(report([sent(ADA)]), worksheet)
    account = to_moodle(report([sent(ADA, 7)]), worksheet, column="punkte")
    assert account.content == worksheet.replace(b"501,Ada,,x", b"501,Ada,7,x")
    assert account.out_of is None


@pytest.mark.parametrize(
    ("written", "when"),
    [
        ("Monday, 2 March 2026, 10:11 AM", "2026-03-02T10:11:00"),
        ("Monday, 2 March 2026, 12:05 AM", "2026-03-02T00:05:00"),
        ("Montag, 2. März 2026, 22:11", "2026-03-02T22:11:00"),
        ("lundi 2 juillet 2026, 22:11", "2026-07-02T22:11:00"),
        ("martes, 2 de junio de 2026, 10:11", "2026-06-02T10:11:00"),
        ("sabato, 31 maggio 2026, 23:59", "2026-05-31T23:59:00"),
        ("понедельник, 4 мая 2026, 10:11", "2026-05-04T10:11:00"),
        ("Monday, 31 February 2026, 10:11 AM", ""),
        ("-", ""),
        ("2 Foo 2026, 10:11", ""),
    ],
)
def test_times(written: str, when: str) -> None:
    """When something was sent, in the site's language."""
    assert moment_in(written) == when


def test_comments() -> None:
    """Each exercise's points go into the feedback when that is asked for, and never over another."""
    worksheet = moodle_worksheet(CLASS)
    account = to_moodle(report([sent(ADA, 15)]), worksheet, comments=True)
    comment = "ex1_add_maxsize: 10 of 10; ex2_build_retry_loop: 5 of 10"
    assert [row[-1] for row in rows(account)[1:]] == [comment, "", ""]
    assert account.filled == ("Participant 501 (Ada Lovelace)",)
    mine = moodle_worksheet(CLASS, feedback="mine")
    kept = to_moodle(report([sent(ADA)]), mine, comments=True, overwrite=False)
    assert [row[-1] for row in rows(kept)[1:]] == ["mine"] * 3
    german = to_moodle(
        report([sent(ADA, 15)]), moodle_worksheet(CLASS, headers=GERMAN), comments=True
    )
    assert rows(german)[1][-1] == comment


def test_comments_without_a_column() -> None:
    """It is said where to turn them on; the grades alone can be had without."""
    worksheet = moodle_worksheet(CLASS, feedback=None)
    assert grades(to_moodle(report([sent(ADA)]), worksheet))
    with pytest.raises(UsageError, match="turn on 'Feedback comments'"):
        to_moodle(report([sent(ADA)]), worksheet, comments=True)


def test_comments_stay_where_the_grade_stays() -> None:
    """A person's comment is kept and listed, and replaced with the grade only; no markup gets in."""
    worksheet = moodle_worksheet([ADA], feedback="well done", grade="9")
    kept = to_moodle(report([sent(ADA)]), worksheet, comments=True, overwrite=False)
    assert kept.content == worksheet
    assert [left.reason for left in kept.left] == [
        "has 9 in 'Grade' already, and would get 50: kept (--overwrite replaces it)"
    ]
    blank = worksheet.replace(b",9,", b",,")
    said = to_moodle(report([sent(ADA)]), blank, comments=True, overwrite=False)
    assert [left.reason for left in said.left] == ["has feedback comments already: they are kept"]
    final = Final(8.0, 20.0, {"ex1_add_maxsize": 8.0}, said=("ex1: 8 points: <b>&",))
    adjusted = replace(sent(ADA), final=final)
    changed = to_moodle(report([adjusted]), worksheet, comments=True, overwrite=True)
    assert rows(changed)[1][-1] == "ex1_add_maxsize: 8 of 10; ex1: 8 points: &lt;b&gt;&amp;"


@pytest.mark.parametrize(
    ("sender", "row"),
    [
        (Sender("gradescope", "501", email="LI@school.edu"), "Participant 503"),
        (Sender("gradescope", "501", name="Lovelace, Ada"), "Participant 501"),
        (Sender("canvas", "501", name="雷李"), None),
        (Sender(name="ada@school.edu"), "Participant 501"),
        (Sender(name="501"), None),
        (Sender("moodle", "999", name="Ada Lovelace"), None),
    ],
)
def test_who_is_who(sender: Sender, row: str | None) -> None:
    """Another platform's number is no participant's; addresses and unique names join."""
    account = to_moodle(report([submission("s", sender)]), moodle_worksheet(CLASS))
    assert grades(account) == ({row: "50"} if row else {})
    assert account.left == (() if row else (Left("s", NO_ROW),))


def test_blind_marking() -> None:
    """Without names the numbers join."""
    worksheet = "Identifier,Status,Grade,Maximum Grade,Last modified (grade)\n"
    worksheet += "Participant 501,No submission,,20,-\nParticipant 502,No submission,,20,-\n"
    account = to_moodle(report([sent(ADA, 7)]), worksheet.encode())
    assert grades(account) == {"Participant 501": "7"}


def test_ungraded_and_twice() -> None:
    """No zero for a fault of the grader, no grade where two are claimed."""
    again = submission("again", Sender(name=LI.name))
    found = report([sent(ADA, ungraded=True), sent(LI), again])
    account = to_moodle(found, moodle_worksheet(CLASS))
    assert grades(account) == {}
    assert {one.reason for one in account.left} == {UNGRADED, TWO_SUBMISSIONS}


def test_a_scale_of_words() -> None:
    """An assignment that is graded in words wants no points."""
    worksheet = moodle_worksheet(CLASS, headers={"Maximum Grade": "Scale"}, maximum="Bad\nGood")
    with pytest.raises(UsageError, match="graded in words"):
        to_moodle(report([sent(ADA)]), worksheet)


@pytest.mark.parametrize(
    "content", [b"", b"Identifier,Grade\n", b"Identifier,Grade\nAda,\n", b"Grade\n1.5\n"]
)
def test_files_that_are_none(content: bytes) -> None:
    """Another file is an error that says what to download."""
    with pytest.raises(UsageError, match=r"^w\.csv is no grading worksheet"):
        to_moodle(report([]), content, shown="w.csv")
