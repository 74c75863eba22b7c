"""The command `class`, as an instructor types it: what it writes, says, keeps, and how it ends."""

from __future__ import annotations

import csv
import io
import json
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from grader.course.catalog import exercises, find_root, pristine, tracks
from grader.judge.prefetch import not_run
from grader.runner.sandbox import isolation_or_reason
from tests.classroom.support import (
    SEED,
    Command,
    files_of,
    hand_in,
    interrupt,
    kill_and_resume,
    left_over,
    sample,
    seen,
    solution,
    undisturbed,
)

IDS = [entry.id for entry in exercises()]
COUNTED = IDS[:2]  # what a `small` class hands in
NAMES = ["=cmd|' C calc'!A0", 'Zoë "Z" O\'Neil, Jr.', "anna", "李伟"]
NEEDS_PROC = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """The command, with a class of nobody yet."""
    return Command(tmp_path)


def _small(command: Command) -> Command:
    for name in NAMES:
        hand_in(command.submissions, name, {IDS[0]: solution(1)})
    wrong = next(one for one in sample(20, ["wrong"]) if one.exercise == IDS[1])
    hand_in(command.submissions, "anna", {IDS[1]: wrong.path.read_bytes()})
    return command


@pytest.fixture
def small(command: Command) -> Command:
    """A class of four with names that are hard to write down; anna's second exercise is wrong."""
    return _small(command)


class Graded(NamedTuple):
    """The small class after it was graded, which several tests look at and none changes."""

    ran: subprocess.CompletedProcess[str]
    command: Command

    @property
    def out(self) -> Path:
        return self.command.out


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """The small class, graded with every file that the command can write, but the filled in one."""
    command = _small(Command(tmp_path_factory.mktemp("graded")))
    out = command.out
    ran = command.grade(
        *SEED,
        *("--gradescope", str(out / "g"), "--exercism", str(out / "e")),
        *("--classroom50", str(out / "c"), "--junit", str(out / "junit.xml")),
    )
    return Graded(ran, command)


@pytest.fixture
def again(graded: Graded, command: Command) -> Command:
    """The small class as it is after it was graded, to go on with."""
    for source, target in (
        (graded.command.submissions, command.submissions),
        (graded.out, command.out),
    ):
        shutil.copytree(source, target, dirs_exist_ok=True)
    return command


def mixed(command: Command, count: int = 8) -> Command:
    """A class of right and wrong submissions to one exercise each."""
    for one in sample(count):
        hand_in(command.submissions, one.id, {one.exercise: one.path.read_bytes()})
    return command


def test_writes_results_gradebook_and_feedback(graded: Graded) -> None:
    """Every submission is in every file, in the order of the names; the exit code is 0."""
    ran, small = graded
    assert (ran.returncode, ran.stderr) == (0, "")
    data = small.results()
    assert (data["schema"], data["seed"]) == (1, 20260)
    names = [one["submission"] for one in data["submissions"]]
    assert sorted(names) == sorted(NAMES)
    rows = list(csv.reader(io.StringIO((small.out / "gradebook.csv").read_text("utf-8"))))
    assert rows[0] == [
        "submission",
        "name",
        "id",
        "sid",
        "email",
        "late",
        *COUNTED,
        "total",
        "out of",
    ]
    assert [row[0].removeprefix("'") for row in rows[1:]] == names
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert [int(row[-2]) for row in rows[1:]] == [one["score"] for one in data["submissions"]]
    assert len(list((small.out / "feedback").iterdir())) == len(NAMES)
    assert "4 submissions graded" in ran.stdout


def test_results_hold_what_is_documented(graded: Graded) -> None:
    """Each exercise as in `grade --json`, plus its flags."""
    for one in graded.command.results()["submissions"]:
        assert [row["exercise"] for row in one["exercises"]] == COUNTED
        assert one["score"] == sum(row["score"] for row in one["exercises"])
        for row in one["exercises"]:
            assert {"title", "outcome", "score", "max_score", "wall_ms", "checks", "flags"} <= {
                *row
            }


def test_feedback_names_nobody_else(graded: Graded) -> None:
    """It says what was found and the first hint, and no seed to draw the same inputs with."""
    text = (graded.out / "feedback" / "anna.md").read_text(encoding="utf-8")
    assert "Hint: " in text
    assert "20260" not in text
    assert not any(name in text for name in NAMES if name != "anna")


def test_writes_the_formats_of_others(graded: Graded) -> None:
    """A file per submission for each, and one for JUnit."""
    out = graded.out
    assert {len(list((out / folder).iterdir())) for folder in "gec"} == {len(NAMES)}
    assert (out / "junit.xml").read_text(encoding="utf-8").count("<testsuite ") == len(
        COUNTED
    ) * len(NAMES)


def test_fills_in_the_instructors_own_file(small: Command, tmp_path: Path) -> None:
    """A copy of it, in the folder of results; who is not found is named."""
    export = tmp_path / "canvas.csv"
    points = sum(check.max_score for entry in exercises()[:2] for check in not_run(entry))
    export.write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section,backpressure and retries (5)\n"
        f"    Points Possible,,,,,{points}\nanna,1,,,A,\n",
        encoding="utf-8",
    )
    before = export.read_bytes()
    ran = small.grade("--canvas", str(export), *SEED)
    assert ran.returncode == 0
    assert export.read_bytes() == before
    filled = (small.out / "canvas-filled.csv").read_text(encoding="utf-8").splitlines()
    results = json.loads((small.out / "results.json").read_text(encoding="utf-8"))
    scores = {one["submission"]: one["score"] for one in results["submissions"]}
    assert filled[2] == f"anna,1,,,A,{scores['anna']}"
    assert "Not filled into canvas-filled.csv" in ran.stdout


def test_what_counts_can_be_said(small: Command) -> None:
    """By exercise or by part of the course; by default it is what anybody has handed in."""
    small.grade("--exercises", "ex2", *SEED)
    assert [row["exercise"] for row in small.results()["submissions"][0]["exercises"]] == IDS[1:2]
    ran = small.grade("--exercises", "lesson", *SEED)
    assert ran.returncode == 0
    found = [row["exercise"] for row in small.results()["submissions"][0]["exercises"]]
    assert found == [entry.id for entry in tracks()["lesson"]]


def test_a_second_run_says_what_it_does(again: Command) -> None:
    """It keeps the seed, grades what changed only, and lists whose result changed."""
    small = again
    seed = small.results()["seed"]
    hand_in(small.submissions, "anna", {IDS[1]: solution(2)})
    ran = small.grade()
    assert small.results()["seed"] == seed
    assert "3 of 4 as before" in ran.stdout
    assert "1 result changed" in ran.stdout
    assert "anna, ex2: was not yet" in ran.stdout


def test_output_does_not_grow_with_the_class(command: Command) -> None:
    """Without a terminal it prints a line for each tenth, not for each submission."""
    for number in range(40):
        hand_in(command.submissions, f"s{number}", {IDS[0]: pristine(IDS[0])})
    ran = command.grade()
    assert ran.stdout.count(" graded, ") <= 12


# -- stopped, killed, resumed ---------------------------------------------------------------------


@NEEDS_PROC
def test_stopped_by_ctrl_c_and_resumed(command: Command, tmp_path: Path) -> None:
    """It says how to go on, leaves no process, and the files are those of an undisturbed run."""
    mixed(command)
    process = command.start(str(command.submissions), *SEED)
    assert seen(process, " graded, ")
    interrupt(process)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "")
    assert "--resume" in out
    assert left_over(command.marked) == []
    assert command.run("--resume").returncode == 0
    assert files_of(command.out) == undisturbed(command)


@NEEDS_PROC
@pytest.mark.proof
def test_killed_and_resumed(command: Command) -> None:
    """Killed at any moment, nothing that was reported is lost, and no process stays behind."""
    mixed(command)
    kill_and_resume(command, random.Random(2))
    assert files_of(command.out) == undisturbed(command)


# -- commands that cannot be carried out ----------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], "Whose work?"),
        (["nowhere"], "nowhere"),
        (["{class}", "--jobs", "0"], "at least 1"),
        (["{class}", "--resume"], "no run to resume"),
        (["{class}", "--canvas", "nowhere.csv"], "cannot be read"),
        (["{class}", "--out", "{class}"], "elsewhere"),
    ],
)
def test_says_what_is_wrong(small: Command, words: list[str], complaint: str) -> None:
    """In one line, with exit code 2, and before anything is graded."""
    ran = small.run(*(word.format(**{"class": small.submissions}) for word in words))
    assert ran.returncode == 2
    assert complaint in ran.stderr
    assert ran.stderr.count("\n") == 1


def test_another_seed_cannot_be_resumed(again: Command) -> None:
    """Half a class with one seed and half with another would be no fair comparison."""
    ran = again.run("--resume", "--seed", "1")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "20260" in ran.stderr


def test_foreign_results_are_not_overwritten(small: Command) -> None:
    """A results.json without our store beside it is somebody else's."""
    small.out.mkdir()
    (small.out / "results.json").write_text("theirs", encoding="utf-8")
    ran = small.grade()
    assert ran.returncode == 2
    assert (small.out / "results.json").read_text(encoding="utf-8") == "theirs"


def test_a_damaged_store_is_left_alone(small: Command) -> None:
    """It is named, and not a byte of it is touched."""
    small.out.mkdir()
    store = small.out / "grading.sqlite3"
    store.write_bytes(b"no database at all" * 100)
    ran = small.grade()
    assert ran.returncode == 2
    assert "damaged" in ran.stderr
    assert store.read_bytes() == b"no database at all" * 100


def altered(command: Command, change: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command with a change to its parts, as Python code."""
    code = (
        f"import sys\n{change}\nfrom grader.cli.program import main\nsys.exit(main(sys.argv[1:]))"
    )
    return subprocess.run(
        [
            sys.executable,
            "-c",
            code,
            "class",
            str(command.submissions),
            "--out",
            str(command.out),
            *words,
        ],
        env=command.environment,
        cwd=find_root(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


NO_WALLS = """
from grader.runner import sandbox
layer = sandbox.Layer("Landlock", False, "no such kernel")
sandbox.probe = lambda: sandbox.Layers((layer,), sandbox.Sandbox(()))
"""


def test_without_isolation_it_declines(small: Command) -> None:
    """Strangers' code is not run with the instructor's rights unless that is asked for."""
    ran = altered(small, NO_WALLS)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "no such kernel" in ran.stderr
    assert "--trust-submissions" in ran.stderr
    ran = altered(small, NO_WALLS, "--trust-submissions")
    assert ran.returncode == 0
    assert "not here   Landlock (no such kernel)" in ran.stdout
    assert "these are trusted" in ran.stdout


@pytest.mark.skipif(isolation_or_reason() is not None, reason="needs isolation")
def test_shut_in(small: Command) -> None:
    """The active layers are said first; what is odd in a submission is flagged, and no more."""
    hand_in(small.submissions, "anna", {IDS[0]: f"import socket\n{solution(1)}"})
    ran = altered(small, "")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("Isolation  ")
    rows = {one["submission"]: one["exercises"][0] for one in small.results()["submissions"]}
    assert {row["outcome"] for row in rows.values()} == {"passed"}
    assert any("socket" in flag for flag in rows.pop("anna")["flags"])
    assert not any(row["flags"] for row in rows.values())


POISONED = """
from dataclasses import replace
from grader.classroom import plan
make = plan.make_plan
command = (sys.executable, "-m", "tests.classroom.poisoned")
plan.make_plan = lambda *rest, **options: replace(make(*rest, **options), command=command)
"""


def test_ungraded_ones_are_listed_with_exit_code_3(small: Command) -> None:
    """They have no number in the gradebook, no file where a zero would stand, and can be resumed."""
    hand_in(small.submissions, "bert", {IDS[0]: "# poison: die"})
    ran = altered(small, POISONED, "--gradescope", str(small.out / "g"))
    assert ran.returncode == 3
    assert "bert: Given up after 3 tries" in ran.stdout
    assert "--resume" in ran.stdout
    assert "lacks who is not graded" in ran.stderr
    assert not (small.out / "g" / "bert.json").exists()
    rows = list(csv.DictReader(io.StringIO((small.out / "gradebook.csv").read_text("utf-8"))))
    (bert,) = [row for row in rows if row["submission"] == "bert"]
    assert (bert[IDS[0]], bert["total"]) == ("", "")
    assert small.run("--resume").returncode == 0
    again = json.dumps(small.results())
    assert "ungraded" not in again
