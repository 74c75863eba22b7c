"""Feedback that goes back: as Moodle and Brightspace take it, in a worksheet, and as a list for mails."""

from __future__ import annotations

import csv
import io
import re
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from grader.course.catalog import exercises
from grader.intake import take_in
from tests.classroom.support import SEED, Command, hand_in, solution
from tests.intake.layouts import (
    Person,
    brightspace_download,
    brightspace_grades,
    canvas_download,
    canvas_gradebook,
    gradescope_export,
    moodle_download,
    moodle_worksheet,
)

IDS = [entry.id for entry in exercises()]
FILE = f"{IDS[0]}.py"
WRONG = "async def run_pipeline(*args, **kwargs):\n    return None\n"
ADA = Person("Ada Lovelace", "101", "S1", "ada", "ada@school.edu")
BOB = Person("John Smith", "102", "S2", "bob", "bob@school.edu")
CY = Person("John Smith", "103", "S3", "cy", "cy@school.edu")
CLASS = (ADA, BOB, CY)


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """The command, with a class of nobody yet."""
    return Command(tmp_path)


def work() -> dict[Person, dict[str, bytes]]:
    """Everybody's file: Ada's is right."""
    texts = (solution(1), WRONG, WRONG)
    return {person: {FILE: text.encode()} for person, text in zip(CLASS, texts, strict=True)}


def feedback(command: Command) -> dict[str, str]:
    """The feedback by submission, as it lies beside the results."""
    folder = command.out / "feedback"
    return {path.stem: path.read_text("utf-8") for path in folder.iterdir()}


def packed(path: Path) -> dict[str, str]:
    """What a zip holds, by the names in it."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def mails(command: Command) -> list[dict[str, str]]:
    """The rows of the list for mails."""
    text = (command.out / "feedback-mail.csv").read_text("utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def participant(path: str) -> tuple[str, str]:
    """Whose file it is, and what it is called: by the rule of Moodle's importer."""
    parts = path.split("/")
    for at, part in enumerate(parts):
        pieces = part.split("_", 4)
        if (
            len(pieces) >= 4
            and pieces[1].isdecimal()
            and pieces[2:4] == ["assignsubmission", "file"]
        ):
            rest = [pieces[4] if len(pieces) > 4 else "", *parts[at + 1 :]]
            return pieces[1], "/".join(rest).lstrip("/")
    raise AssertionError(path)


@pytest.mark.parametrize("layout", ["flat", "folders", "since 4.1"])
def test_moodle_takes_it_back(command: Command, tmp_path: Path, layout: str) -> None:
    """Each in the folder of the download, whose number says whose it is; nobody gets another's."""
    flat, underscore = layout == "flat", layout != "since 4.1"
    path = moodle_download(tmp_path / "d.zip", work(), flat=flat, underscore=underscore)
    sheet = tmp_path / "sheet.csv"
    sheet.write_bytes(moodle_worksheet(CLASS, maximum="10.00"))
    words = (str(path), "--moodle", str(sheet), "--feedback", "moodle,moodle-comments", *SEED)
    ran = command.run(*words)
    assert ran.returncode == 0, ran.stderr
    found = packed(command.out / "feedback-moodle.zip")
    texts = feedback(command)
    assert {participant(name): text for name, text in found.items()} == {
        (person.id, "feedback.md"): texts[f"{person.name}_{person.id}"] for person in CLASS
    }
    sources = packed(path)
    assert {name.removesuffix("feedback.md") for name in found} == {
        name.removesuffix(FILE) for name in sources
    }
    filled = (command.out / "sheet-filled.csv").read_text("utf-8-sig")
    comments = [row["Feedback comments"] for row in csv.DictReader(io.StringIO(filled))]
    assert all(re.fullmatch(rf"{IDS[0]}: \d+ of \d+", comment) for comment in comments)


def test_moodle_takes_its_folders_in_again(command: Command, tmp_path: Path) -> None:
    """Put beside the submissions, the feedback is everybody's own, and counts as no work."""
    path = moodle_download(tmp_path / "download", work())
    command.run(str(path), "--feedback", "moodle", *SEED)
    with zipfile.ZipFile(command.out / "feedback-moodle.zip") as archive:
        archive.extractall(path)
    with take_in([path], IDS) as intake:
        assert [entry.name for entry in intake.entries] == sorted(feedback(command))
        assert [list(entry.files) for entry in intake.entries] == [[IDS[0]]] * 3
        unused = [one.path for entry in intake.entries for one in entry.unused]
        assert unused == ["feedback.md"] * 3


def test_brightspace_takes_it_back(command: Command, tmp_path: Path) -> None:
    """Into the folder of the newest attempt, named as it was downloaded."""
    path = brightspace_download(tmp_path / "download", work())
    newer = path / "101-99 - Ada Lovelace - Oct 11, 2025 900 AM"
    newer.mkdir()
    shutil.copy(next(path.glob("101-70*")) / FILE, newer / FILE)
    ran = command.run(str(path), "--feedback", "brightspace", *SEED)
    assert ran.returncode == 0, ran.stderr
    texts = feedback(command)
    assert packed(command.out / "feedback-brightspace.zip") == {
        f"{newer.name}/feedback.md": texts["Ada Lovelace_101"],
        "102-71 - John Smith - Oct 10, 2025 1022 AM/feedback.md": texts["John Smith_102"],
        "103-72 - John Smith - Oct 10, 2025 1022 AM/feedback.md": texts["John Smith_103"],
    }


def expected(*people: tuple[str, str, Person, str]) -> list[dict[str, str]]:
    """The rows of a list: address, user name, whose, and the file's name."""
    return [
        {
            "address": address,
            "username": username,
            "name": person.name,
            "subject": "Feedback on backpressure and retries",
            "file": f"feedback/{name}.md",
        }
        for address, username, person, name in people
    ]


def test_mails(command: Command, tmp_path: Path) -> None:
    """A row for each person of a group; the path leads to the file, from where the list lies."""
    both: Sequence[Person] = (ADA, BOB)
    everybody = {("7", both): {FILE: solution(1).encode()}}
    path = gradescope_export(tmp_path / "g.zip", everybody)
    command.run(str(path), "--feedback", "mail", *SEED)
    assert mails(command) == expected(
        (ADA.email, "S1", ADA, "submission_7"), (BOB.email, "S2", BOB, "submission_7")
    )
    assert (command.out / mails(command)[0]["file"]).is_file()


def test_addresses_of_the_platforms_own_file(command: Command, tmp_path: Path) -> None:
    """Canvas' download names nobody; its gradebook knows the logins, and namesakes stay apart."""
    export = tmp_path / "grades.csv"
    export.write_bytes(canvas_gradebook(CLASS))
    path = canvas_download(tmp_path / "c.zip", work())
    command.run(str(path), "--canvas", str(export), "--feedback", "mail", *SEED)
    assert mails(command) == expected(
        ("", "ada", ADA, "lovelaceada_101"),
        ("", "bob", BOB, "smithjohn_102"),
        ("", "cy", CY, "smithjohn_103"),
    )
    other = Command(_new(tmp_path / "other"))
    grades = tmp_path / "b.csv"
    grades.write_bytes(brightspace_grades([ADA, BOB]))
    download = brightspace_download(tmp_path / "b.zip", {p: work()[p] for p in (ADA, BOB)})
    other.run(str(download), "--brightspace", str(grades), "--feedback", "mail", *SEED)
    assert [(row["address"], row["username"]) for row in mails(other)] == [
        (ADA.email, "ada"),
        (BOB.email, "bob"),
    ]


def _new(path: Path) -> Path:
    path.mkdir()
    return path


def test_who_gets_none_is_listed(command: Command) -> None:
    """Ungraded work has no feedback yet, and a folder's name is no address."""
    hand_in(command.submissions, "ann", {IDS[0]: WRONG})
    (command.submissions / "bob.zip").write_bytes(b"PK\x03\x04")
    ran = command.grade("--feedback", "mail,moodle", *SEED)
    assert ran.returncode == 3
    said = " ".join(ran.stdout.split())
    assert "bob.zip: is not graded yet" in said
    assert "ann: no address or user name of ann is known" in said
    assert "ann: did not come from a download of Moodle" in said
    assert [row["name"] for row in mails(command)] == ["ann"]
    assert packed(command.out / "feedback-moodle.zip") == {}


def test_a_later_run_brings_it_up_to_date(command: Command, tmp_path: Path) -> None:
    """It is a file as any other: late work alone is given, and everybody's feedback is in it."""
    both: Mapping[Person, Mapping[str, bytes]] = {ADA: {FILE: WRONG.encode()}, BOB: work()[BOB]}
    command.run(str(moodle_download(tmp_path / "one", both)), "--feedback", "moodle", *SEED)
    before = packed(command.out / "feedback-moodle.zip")
    late = moodle_download(tmp_path / "two", {ADA: work()[ADA]})
    assert command.run(str(late)).returncode == 0
    after = packed(command.out / "feedback-moodle.zip")
    assert set(after) == set(before)
    assert [name for name in after if after[name] != before[name]] == [
        "Ada Lovelace_101_assignsubmission_file_/feedback.md"
    ]


@pytest.mark.parametrize(
    ("way", "complaint"),
    [
        ("pigeon", "--feedback takes moodle, brightspace, moodle-comments, mail, not 'pigeon'"),
        ("moodle-comments", "fills in which worksheet? Name it with --moodle."),
    ],
)
def test_ways_that_there_are_not(command: Command, way: str, complaint: str) -> None:
    """It is said before anything is graded."""
    hand_in(command.submissions, "ann", {IDS[0]: WRONG})
    ran = command.grade("--feedback", way)
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert complaint in ran.stderr
