"""What `class` keeps: grades given by hand, earlier runs, files it was asked for; and who is who."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import unicodedata
from collections.abc import Mapping
from pathlib import Path

import pytest

from grader.course.catalog import exercises, find_root
from grader.judge.prefetch import not_run
from tests.classroom.support import SEED, Command, hand_in, interrupt, seen, solution
from tests.intake.layouts import (
    Person,
    blackboard_download,
    brightspace_download,
    brightspace_grades,
    canvas_download,
    canvas_gradebook,
    moodle_download,
    moodle_worksheet,
)

IDS = [entry.id for entry in exercises()]
MOST = [sum(check.max_score for check in not_run(entry)) for entry in exercises()]
WRONG = "async def run_pipeline(*args, **kwargs):\n    return None\n"
ADA = Person("Ada Lovelace", "101", "S1", "ada", "ada@school.edu")
BOB = Person("John Smith", "102", "S2", "bob", "bob@school.edu")
CY = Person("John Smith", "103", "S3", "cy", "cy@school.edu")
DEE = Person("Dee Absent", "104", "S4", "dee", "dee@school.edu")
CLASS = [ADA, BOB, CY, DEE]


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """The command, with a class of nobody yet."""
    return Command(tmp_path)


def squeezed(text: str) -> str:
    """The text in one line, however wide the screen was."""
    return " ".join(text.split())


def download(command: Command, work: Mapping[Person, str] = {}) -> Path:
    """A class in Canvas' layout: everybody but Dee handed in the first exercise."""
    work = work or dict.fromkeys((ADA, BOB, CY), solution(1))
    files = {person: {f"{IDS[0]}.py": text.encode()} for person, text in work.items()}
    return canvas_download(command.submissions / "canvas.zip", files)


def scores(command: Command) -> dict[str, int]:
    """The points by submission."""
    return {one["submission"]: one["score"] for one in command.results()["submissions"]}


# -- the instructor's own file --------------------------------------------------------------------


def test_grades_given_by_hand_are_kept(command: Command, tmp_path: Path) -> None:
    """And listed; --overwrite replaces them."""
    export = tmp_path / "grades.csv"
    export.write_bytes(
        canvas_gradebook(CLASS, {"Retries (501)": "10"}, grades={ADA.id: "9.5", BOB.id: "10"})
    )
    words = (str(download(command)), "--canvas", str(export), *SEED)
    ran = command.run(*words)
    assert ran.returncode == 0, ran.stderr
    text = (command.out / "grades-filled.csv").read_text("utf-8")
    assert text == export.read_text("utf-8").replace(
        'John",103,S3,cy,Section 1,,', 'John",103,S3,cy,Section 1,,10'
    )
    said = squeezed(ran.stdout)
    assert "lovelaceada_101: has 9.5 in 'Retries (501)' already, and would get 10: kept" in said
    assert "smithjohn_102: has" not in said
    command.run(*words, "--overwrite")
    assert ",10," in (command.out / "grades-filled.csv").read_text("utf-8").splitlines()[3]


def test_moodles_own_lock_holds(command: Command, tmp_path: Path) -> None:
    """Even with --overwrite; what is late there is late here."""
    sheet = moodle_worksheet(CLASS, maximum="10.00", grade="-").decode("utf-8-sig")
    lines = sheet.splitlines()
    lines[1] = lines[1].replace(",-,10.00,Yes,", ",18.00,10.00,No,")
    lines[2] = lines[2].replace(
        "Submitted for grading", "Submitted for grading - 2 hours 3 mins late"
    )
    worksheet = tmp_path / "sheet.csv"
    worksheet.write_text("\n".join(lines) + "\n", encoding="utf-8")
    work = {p: {f"{IDS[0]}.py": solution(1).encode()} for p in (ADA, BOB)}
    folder = moodle_download(tmp_path / "moodle", work)
    ran = command.run(str(folder), "--moodle", str(worksheet), "--overwrite", *SEED)
    assert ran.returncode == 0, ran.stderr
    text = (command.out / "sheet-filled.csv").read_text("utf-8").splitlines()
    assert text[1] == lines[1]
    assert text[2] == lines[2].replace(",-,10.00,", ",10,10.00,", 1)
    assert "can not be changed" in squeezed(ran.stdout)
    late = {one["submission"]: one["late"] for one in command.results()["submissions"]}
    assert late == {"Ada Lovelace_101": False, "John Smith_102": True}


def test_written_as_the_file_that_is_filled(command: Command, tmp_path: Path) -> None:
    """Separator, decimal comma, byte-order mark and line ends; the gradebook, too."""
    export = tmp_path / "noten.csv"
    export.write_bytes(
        b"\xef\xbb\xbfStudent;ID;SIS User ID;SIS Login ID;Section;Retries (501)\r\n"
        b"    Points Possible;;;;;1,50\r\nLovelace, Ada;101;;;A;\r\n"
    )
    ran = command.run(
        str(download(command, {ADA: solution(1)})),
        *("--exercises", "ex1,ex2", "--canvas", str(export), *SEED),
    )
    assert ran.returncode == 0, ran.stderr
    points = 1.5 * MOST[0] / (MOST[0] + MOST[1])
    expected = f"{points:.2f}".rstrip("0").replace(".", ",")
    text = (command.out / "noten-filled.csv").read_bytes()
    assert text == export.read_bytes().replace(b"101;;;A;", f"101;;;A;{expected}".encode())
    book = (command.out / "gradebook.csv").read_bytes()
    assert book.startswith(b"\xef\xbb\xbfsubmission;name;")
    assert book.count(b"\r\n") == book.count(b"\n") == 2


def test_who_has_not_handed_in_is_listed(command: Command, tmp_path: Path) -> None:
    """By name, on the screen and for programs."""
    export = tmp_path / "grades.csv"
    export.write_bytes(canvas_gradebook(CLASS))
    ran = command.run(str(download(command)), "--canvas", str(export), *SEED)
    assert "1 of grades-filled.csv: Absent, Dee" in squeezed(
        ran.stdout.partition("Nothing handed in")[2]
    )
    assert command.results()["not_handed_in"] == ["Absent, Dee"]


def test_namesakes_can_be_told_apart(command: Command, tmp_path: Path) -> None:
    """Canvas' slugs become the names that the export has, with an id where two have the same."""
    export = tmp_path / "grades.csv"
    export.write_bytes(canvas_gradebook(CLASS))
    command.run(str(download(command)), "--canvas", str(export), *SEED)
    page = (command.out / "report.html").read_text("utf-8")
    assert "John Smith (102)" in page
    assert "John Smith (103)" in page
    assert "Ada Lovelace" in page
    assert "Ada Lovelace (101)" not in page
    feedback = (command.out / "feedback" / "smithjohn_102.md").read_text("utf-8")
    assert feedback.startswith("# Feedback for John Smith \\(102\\)")
    senders = [one["senders"][0]["name"] for one in command.results()["submissions"]]
    assert senders == ["Ada Lovelace", "John Smith", "John Smith"]


# -- several runs ---------------------------------------------------------------------------------


def test_a_run_that_adds_keeps_the_class(command: Command, tmp_path: Path) -> None:
    """All files are of the whole class, those asked for earlier too; it is said who stays."""
    export = tmp_path / "grades.csv"
    export.write_bytes(canvas_gradebook(CLASS, {"Retries (501)": "10"}))
    first = download(command, {ADA: solution(1), BOB: WRONG})
    exports = ("--canvas", str(export), "--junit", str(tmp_path / "junit.xml"))
    command.run(str(first), *exports, "--gradescope", str(tmp_path / "g"), *SEED)
    before = scores(command)
    files = {BOB: {f"{IDS[0]}.py": solution(1).encode()}, CY: {f"{IDS[0]}.py": WRONG.encode()}}
    late = canvas_download(tmp_path / "late.zip", files, late=[BOB, CY])
    ran = command.run(str(late))
    assert ran.returncode == 0, ran.stderr
    after = scores(command)
    assert list(after) == ["lovelaceada_101", "smithjohn_102", "smithjohn_103"]
    assert after["lovelaceada_101"] == before["lovelaceada_101"] == MOST[0]
    assert (before["smithjohn_102"], after["smithjohn_102"]) == (0, MOST[0])
    said = squeezed(ran.stdout)
    assert "1 submission of earlier runs stay: lovelaceada_101" in said
    assert "1 submission added: smithjohn_103" in said
    assert "3 submissions graded (1 before), 2 with everything passed" in said
    text = (command.out / "grades-filled.csv").read_text("utf-8")
    assert [line.rsplit(",", 5)[1] for line in text.splitlines()[3:6]] == ["10", "10", "0"]
    assert {path.name for path in (command.out / "feedback").iterdir()} == {
        f"{name}.md" for name in after
    }
    assert "10 of 10" in (command.out / "feedback" / "smithjohn_102.md").read_text("utf-8").replace(
        f"{MOST[0]} of {MOST[0]}", "10 of 10"
    )
    assert len(list((tmp_path / "g").iterdir())) == 3
    assert "smithjohn_103" in (tmp_path / "junit.xml").read_text("utf-8")


def test_only_these_replaces_the_class(command: Command, tmp_path: Path) -> None:
    """And says who left; their feedback is gone."""
    hand_in(command.submissions, "ann", {IDS[0]: solution(1)})
    hand_in(command.submissions, "bob", {IDS[0]: solution(1)})
    command.grade(*SEED)
    hand_in(tmp_path / "other", "cy", {IDS[0]: solution(1)})
    ran = command.run(str(tmp_path / "other"), "--only-these")
    assert list(scores(command)) == ["cy"]
    assert "2 submissions of earlier runs left: ann, bob" in squeezed(ran.stdout)
    assert [path.name for path in (command.out / "feedback").iterdir()] == ["cy.md"]


def test_late_work_need_not_hold_everything(command: Command, tmp_path: Path) -> None:
    """What is not in it keeps its verdict, and what it adds counts for all."""
    hand_in(command.submissions, "ann", {IDS[0]: solution(1), IDS[1]: "x = 1\n"})
    hand_in(command.submissions, "bob", {IDS[0]: solution(1)})
    command.grade(*SEED)
    hand_in(tmp_path / "late", "ann", {IDS[1]: solution(2)})
    ran = command.run(str(tmp_path / "late"))
    assert scores(command) == {"ann": MOST[0] + MOST[1], "bob": MOST[0]}
    for words in ((str(tmp_path / "late"),), ("--resume",)):
        command.run(*words)
        assert scores(command) == {"ann": MOST[0] + MOST[1], "bob": MOST[0]}
    assert "ann" in ran.stdout.partition("The class")[2]
    outcomes = [row["outcome"] for row in command.results()["submissions"][1]["exercises"]]
    assert outcomes == ["passed", "missing"]


def test_two_submissions_of_one_sender_are_said(command: Command, tmp_path: Path) -> None:
    """A late zip beside an earlier folder of the same name is no second learner."""
    hand_in(command.submissions, "ann", {IDS[0]: WRONG})
    command.grade(*SEED)
    hand_in(tmp_path / "late", "x", {IDS[0]: solution(1)})
    shutil.make_archive(str(tmp_path / "late" / "ann"), "zip", tmp_path / "late" / "x")
    shutil.rmtree(tmp_path / "late" / "x")
    ran = command.run(str(tmp_path / "late"))
    assert "ann, ann.zip: are one sender's" in squeezed(ran.stdout)


def test_one_name_in_two_encodings_is_one_sender(command: Command) -> None:
    """As a Mac and another machine write accents; it is said, since both look the same."""
    composed = unicodedata.normalize("NFC", "Zoë Müller")
    for number, name in enumerate((composed, unicodedata.normalize("NFD", composed)), 1):
        hand_in(command.submissions, name, {IDS[number - 1]: solution(number)})
    ran = command.grade(*SEED)
    assert squeezed(ran.stdout).count("are one sender's: which counts?") == 1


def test_what_did_not_count_then_is_no_zero_now(command: Command, tmp_path: Path) -> None:
    """A file of an earlier run that was not graded is ungraded until it is given again."""
    hand_in(command.submissions, "ann", {IDS[0]: solution(1), IDS[1]: solution(2)})
    command.grade("--exercises", "ex1", *SEED)
    hand_in(tmp_path / "late", "bob", {IDS[0]: solution(1), IDS[1]: solution(2)})
    ran = command.run(str(tmp_path / "late"), "--exercises", "ex1,ex2")
    assert ran.returncode == 3
    assert "give this submission again" in squeezed(ran.stdout)
    assert command.grade().returncode == 0
    assert scores(command) == dict.fromkeys(("ann", "bob"), MOST[0] + MOST[1])


def test_a_part_has_the_seed_of_the_class(command: Command, tmp_path: Path) -> None:
    """Two seeds in one class would be no fair comparison."""
    hand_in(command.submissions, "ann", {IDS[0]: solution(1)})
    command.grade(*SEED)
    hand_in(tmp_path / "late", "bob", {IDS[0]: solution(1)})
    ran = command.run(str(tmp_path / "late"), "--seed", "7")
    assert ran.returncode == 2
    assert "--only-these" in ran.stderr


def test_resume_goes_on_with_the_same_exports(command: Command, tmp_path: Path) -> None:
    """What is proposed after Ctrl-C does the whole job."""
    for number in range(8):
        hand_in(command.submissions, f"s{number}", {IDS[0]: solution(1), IDS[1]: solution(2)})
    export = tmp_path / "grades.csv"
    export.write_bytes(canvas_gradebook([Person("s1", "1")], {"A (1)": "10", "B (2)": "20"}))
    process = command.start(
        str(command.submissions),
        *("--exercises", "ex1", "--canvas", str(export), "--canvas-column", "B", *SEED),
        *("--exercism", str(tmp_path / "e")),
    )
    assert seen(process, " graded, ")
    interrupt(process)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    proposed = out.rpartition("Go on with:")[2].split()
    assert proposed[proposed.index("class") :][:2] == ["class", "--resume"]
    ran = command.run("--resume")
    assert ran.returncode == 0, ran.stderr
    assert ",,20," in (command.out / "grades-filled.csv").read_text("utf-8")
    assert len(list((tmp_path / "e").iterdir())) == 8
    rows = command.results()["submissions"]
    assert {len(one["exercises"]) for one in rows} == {1}


def test_a_remembered_file_that_is_gone_is_said(command: Command, tmp_path: Path) -> None:
    """The rest is brought up to date."""
    hand_in(command.submissions, "ann", {IDS[0]: solution(1)})
    export = tmp_path / "grades.csv"
    export.write_bytes(canvas_gradebook([Person("ann", "1")]))
    command.grade("--canvas", str(export), *SEED)
    export.unlink()
    ran = command.grade()
    assert ran.returncode == 0
    assert "Not brought up to date" in ran.stderr


# -- the machine ----------------------------------------------------------------------------------


def limited(command: Command, size: int, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command where no file may grow beyond a size, as on a disk that is full."""
    unmeasured = {k: v for k, v in command.environment.items() if not k.startswith("COVERAGE")}
    return subprocess.run(
        command.words(*words),
        cwd=find_root(),
        env=unmeasured,  # what measures it would write files, too
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )


@pytest.mark.skipif(sys.platform != "linux", reason="needs limits that hold")
@pytest.mark.parametrize("size", [4 << 10, 150 << 10])
def test_a_full_disk_loses_nothing(command: Command, size: int) -> None:
    """One line, exit code 3, and the run goes on when there is room again."""
    for number in range(6):
        hand_in(command.submissions, f"s{number}", {IDS[0]: solution(1), IDS[1]: solution(2)})
    ran = limited(command, size, str(command.submissions), "--jobs", "1", *SEED)
    assert ran.returncode == 3, ran.stdout + ran.stderr
    assert ran.stderr.count("\n") == 1
    assert "Make room" in ran.stderr or "make room" in ran.stderr
    again = command.run("--resume") if "--resume" in ran.stderr else command.grade(*SEED)
    assert again.returncode == 0, again.stderr
    assert len(scores(command)) == 6


def test_files_are_in_utf8_whatever_the_locale(command: Command, tmp_path: Path) -> None:
    """Names of submissions outside of the locale's letters, read and written."""
    hand_in(command.submissions, "Zoë 🦀", {IDS[0]: solution(1)})
    export = tmp_path / "grades.csv"
    export.write_bytes(canvas_gradebook([Person("Zoë 🦀", "1")], {"A (1)": "10"}))
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    ran = subprocess.run(
        command.words(str(command.submissions), "--canvas", str(export), *SEED),
        cwd=find_root(),
        env={**command.environment, **plain},
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert list(scores(command)) == ["Zoë 🦀"]
    files = [os.fsencode(path.name) for path in (command.out / "feedback").iterdir()]
    assert files == ["Zoë 🦀.md".encode()]
    assert ",10," in (command.out / "grades-filled.csv").read_text("utf-8")


# -- what counts ----------------------------------------------------------------------------------


def test_columns_for_one_exercise_and_for_the_total(command: Command, tmp_path: Path) -> None:
    """In one run, for two platforms; a perfect exercise has all of its column's points."""
    export, sheet = tmp_path / "grades.csv", tmp_path / "sheet.csv"
    columns = {f"{IDS[0]} (11)": "10", "Exercise 2 (12)": "20", "Homework (13)": "100"}
    export.write_bytes(canvas_gradebook([ADA], columns))
    sheet.write_bytes(moodle_worksheet([ADA], maximum="50.00"))
    files = {ADA: {f"{IDS[0]}.py": solution(1).encode(), f"{IDS[1]}.py": WRONG.encode()}}
    ran = command.run(
        str(canvas_download(tmp_path / "c.zip", files)),
        *("--canvas", str(export), "--canvas-column", "11", "--canvas-column", "Exercise 2"),
        *("--canvas-column", "total=13", "--moodle", str(sheet), "--moodle-column", "ex1=Grade"),
        *SEED,
    )
    assert ran.returncode == 0, ran.stderr
    line = (command.out / "grades-filled.csv").read_text("utf-8").splitlines()[3]
    share = f"{100 * MOST[0] / (MOST[0] + MOST[1]):.2f}".rstrip("0").rstrip(".")
    assert line.endswith(f",,10,0,{share},,,,")
    sheet_line = (command.out / "sheet-filled.csv").read_text("utf-8").splitlines()[1]
    assert ",50.00,Yes," in sheet_line


def test_a_single_exercise_counts_alone(command: Command, tmp_path: Path) -> None:
    """The gradebook, the maxima and the platform's file are of what counts."""
    export = tmp_path / "grades.csv"
    export.write_bytes(canvas_gradebook([ADA, BOB], {"Homework (13)": "10"}))
    files = {
        ADA: {f"{IDS[0]}.py": solution(1).encode()},
        BOB: {f"{IDS[1]}.py": solution(2).encode(), f"{IDS[2]}.py": b"x = 1\n"},
    }
    path = str(canvas_download(tmp_path / "c.zip", files))
    command.run(path, "--exercises", "ex1", "--canvas", str(export), *SEED)
    lines = (command.out / "grades-filled.csv").read_text("utf-8").splitlines()
    assert [line.split(",")[-5] for line in lines[3:5]] == ["10", "0"]
    assert {one["max_score"] for one in command.results()["submissions"]} == {MOST[0]}


def test_brightspace_both_ways(command: Command, tmp_path: Path) -> None:
    """From its download into its export: points of one exercise and the total, grades by hand kept."""
    work = {p: {f"{IDS[0]}.py": solution(1).encode()} for p in (ADA, DEE)}
    work[ADA][f"{IDS[1]}.py"] = WRONG.encode()
    path = brightspace_download(tmp_path / "download.zip", work)
    export = tmp_path / "export.csv"
    items = {"Exercise 1": "4", "All": "100"}
    export.write_bytes(brightspace_grades([ADA, DEE, BOB], items, grades={DEE.id: "3.5"}))
    ran = command.run(
        *(str(path), "--brightspace", str(export), *SEED),
        *("--brightspace-column", "Exercise 1", "--brightspace-column", "total=All"),
    )
    assert ran.returncode == 0, ran.stderr
    lines = (command.out / "export-filled.csv").read_bytes().split(b"\r\n")
    share = f"{100 * MOST[0] / (MOST[0] + MOST[1]):.2f}".rstrip("0").rstrip(".")
    assert lines[1].endswith(f",4,{share},#".encode())
    assert lines[2].endswith(b",3.5,3.5,#")
    said = squeezed(ran.stdout)
    assert "has 3.5" in said
    assert "1 of export-filled.csv: John Smith" in said


def test_blackboard_in(command: Command, tmp_path: Path) -> None:
    """Who is who is known from its records."""
    work = {p: {f"{IDS[0]}.py": solution(1).encode()} for p in (ADA, BOB)}
    ran = command.run(str(blackboard_download(tmp_path / "b.zip", work)), *SEED)
    assert ran.returncode == 0, ran.stderr
    rows = (command.out / "gradebook.csv").read_text("utf-8").splitlines()[1:]
    assert [row.split(",")[:4] for row in rows] == [
        ["ada", "Ada Lovelace", "ada", "ada"],
        ["bob", "John Smith", "bob", "bob"],
    ]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--canvas-column", "nothing"), "no single assignment 'nothing'"),
        (("--canvas-column", "ex3=Homework"), "does not count"),
        (("--moodle-column", "Grade"), "of which file"),
    ],
)
def test_columns_that_cannot_be_filled(
    command: Command, tmp_path: Path, words: tuple[str, ...], complaint: str
) -> None:
    """It is said before anything is graded."""
    export = tmp_path / "grades.csv"
    export.write_bytes(canvas_gradebook([ADA], {"Homework (13)": "10"}))
    ran = command.run(str(download(command)), "--canvas", str(export), *words, *SEED)
    assert ran.returncode == 2
    assert complaint in ran.stderr
    assert not (command.out / "results.json").exists()


OLDER = {  # what a version of the store lacks of the next one's
    3: [
        f"ALTER TABLE verdicts DROP COLUMN {name}" for name in ("host", "worker", "began", "ended")
    ],
    2: ["DROP TABLE part"],
    1: ["ALTER TABLE runs DROP COLUMN options"],
}


@pytest.mark.parametrize("version", OLDER)
def test_an_older_store_is_brought_up_to_date(command: Command, version: int) -> None:
    """One without what later versions remember: the class goes on, and keeps its grades."""
    hand_in(command.submissions, "ann", {IDS[0]: solution(1)})
    command.grade(*SEED)
    before = scores(command)
    with sqlite3.connect(command.out / "grading.sqlite3") as database:
        newest = database.execute("SELECT version FROM schema").fetchone()[0]
        assert newest == max(OLDER) + 1
        for later in range(newest - 1, version - 1, -1):
            for statement in OLDER[later]:
                database.execute(statement)
        database.execute("UPDATE schema SET version = ?", (version,))
    database.close()
    ran = command.run("--resume")
    assert ran.returncode == 0, ran.stderr
    assert scores(command) == before
