"""Several attempts of a learner: which counts, why, and when each was sent."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from grader.course.catalog import exercises
from grader.judge.prefetch import not_run
from tests.classroom.support import SEED, Command, hand_in, solution
from tests.intake.layouts import (
    Person,
    blackboard_download,
    brightspace_download,
    canvas_download,
    canvas_gradebook,
    gradescope_export,
    write_folder,
)

IDS = [entry.id for entry in exercises()]
MOST = [sum(check.max_score for check in not_run(entry)) for entry in exercises()]
EX1, EX2 = f"{IDS[0]}.py", f"{IDS[1]}.py"
WRONG = b"async def run_pipeline(*args, **kwargs):\n    return None\n"
RIGHT = solution(1).encode()
ADA = Person("Ada Lovelace", "101", "S1", "ada", "ada@school.edu")
BOB = Person("Bob Once", "102", "S2", "bob", "bob@school.edu")
ZONE = 'time_zone = "UTC"\n'


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """The command, with a class of nobody yet."""
    return Command(tmp_path)


def policy(folder: Path, text: str) -> tuple[str, str]:
    """Write a policy; return the option that names it."""
    path = folder / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return "--policy", str(path)


def results(command: Command) -> dict[str, Any]:
    """The submissions by name."""
    return {one["submission"]: one for one in command.results()["submissions"]}


def points(command: Command) -> dict[str, float]:
    """The points in the end by submission."""
    return {name: one["final_score"] for name, one in results(command).items()}


def attempts(path: Path, days: Mapping[int, Mapping[str, bytes]]) -> Path:
    """Ada's attempts on Blackboard, by the day of March."""
    for day, files in days.items():
        blackboard_download(path, {ADA: files}, day=day)
    return path


@pytest.mark.parametrize(
    ("rule", "score", "said"),
    [
        ("last", 0, "Attempt 3 of 3, sent 2026-03-06 10:11:12, counts: it is the last."),
        ("last_in_time", MOST[0], "Attempt 2 of 3, sent 2026-03-04 10:11:12, counts"),
        ("best", MOST[0], f"the most points in the end (in their order: 0, {MOST[0]}, 0)"),
    ],
)
def test_which_attempt_counts(
    command: Command, tmp_path: Path, rule: str, score: int, said: str
) -> None:
    """As the policy says; it is told the learner, and one submission is reported of each."""
    path = attempts(tmp_path / "b", {2: {EX1: WRONG}, 4: {EX1: RIGHT}, 6: {EX1: WRONG}})
    blackboard_download(path, {BOB: {EX1: RIGHT}}, day=3)
    text = f'attempts = "{rule}"\ndeadline = 2026-03-05T00:00:00\n{ZONE}'
    ran = command.run(str(path), *policy(tmp_path, text), *SEED)
    assert ran.returncode == 0, ran.stderr
    assert points(command) == {"ada": score, "bob": MOST[0]}
    feedback = (command.out / "feedback" / "ada.md").read_text("utf-8").replace("\\", "")
    assert said in feedback
    assert "Attempt" not in (command.out / "feedback" / "bob.md").read_text("utf-8")
    assert {path.name for path in (command.out / "feedback").iterdir()} == {"ada.md", "bob.md"}
    assert "2 submissions graded in 4 attempts" in ran.stdout
    assert said in results(command)["ada"]["counted"]
    page = (command.out / "report.html").read_text("utf-8")
    assert said.partition("(")[0] in page


def test_an_attempt_counts_with_what_earlier_ones_hold(command: Command, tmp_path: Path) -> None:
    """Who sends ex1 and later ex2 has both; the later one's time is the work's."""
    path = attempts(tmp_path / "b", {2: {EX1: RIGHT}, 6: {EX2: solution(2).encode()}})
    late = "deadline = 2026-03-05T00:00:00\nlate = {points = 100}\n" + ZONE
    words = (str(path), *SEED)
    command.run(*words, *policy(tmp_path, f'attempts = "last"\n{late}'))
    assert points(command) == {"ada": 0}
    assert results(command)["ada"]["score"] == MOST[0] + MOST[1]
    assert results(command)["ada"]["late"]
    command.run(*words, *policy(tmp_path, f'attempts = "best"\n{late}'))
    assert points(command) == {"ada": MOST[0]}
    assert not results(command)["ada"]["late"]


def test_attempts_of_several_runs(command: Command, tmp_path: Path) -> None:
    """The late download alone is given; earlier attempts stay, and the file is filled from the best."""
    export = tmp_path / "grades.csv"
    export.write_bytes(canvas_gradebook([ADA], {"A (1)": str(MOST[0])}))
    first = brightspace_download(tmp_path / "one", {ADA: {EX1: RIGHT}})
    rules = policy(tmp_path, 'attempts = "best"\n')
    command.run(str(first), *rules, "--canvas", str(export), *SEED)
    folder = "101-80 - Ada Lovelace - Oct 12, 2025 1022 AM"
    late = write_folder(tmp_path / "two", {"index.html": b"", f"{folder}/{EX1}": WRONG})
    ran = command.run(str(late))
    assert ran.returncode == 0, ran.stderr
    assert points(command) == {"Ada Lovelace_101": MOST[0]}
    assert "Attempt 1 of 2" in results(command)["Ada Lovelace_101"]["counted"]
    row = (command.out / "grades-filled.csv").read_text("utf-8").splitlines()[3]
    assert f",{MOST[0]},,,," in row
    # Without the rule what is given now counts, under the same name.
    policy(tmp_path, "grace = 0\n")
    command.run(str(late))
    assert points(command) == {"Ada Lovelace_101": 0}


def test_repeated_uploads_on_canvas(command: Command, tmp_path: Path) -> None:
    """A file that comes again begins an attempt, and so does the first late one."""
    path = tmp_path / "canvas"
    canvas_download(path, {ADA: {EX1: RIGHT, EX2: solution(2).encode()}}, first=9000)
    canvas_download(path, {ADA: {f"{IDS[0]}-1.py": WRONG}}, first=9100)
    canvas_download(path, {ADA: {f"{IDS[0]}-2.py": RIGHT}}, first=9200, late=[ADA])
    ran = command.run(str(path), *policy(tmp_path, 'attempts = "last_in_time"\n'), *SEED)
    assert ran.returncode == 0, ran.stderr
    (one,) = results(command).values()
    assert one["counted"] == "Attempt 2 of 3 counts: it is the last in time."
    assert (one["score"], one["late"]) == (MOST[1], False)


def test_submissions_of_one_person_on_gradescope(command: Command, tmp_path: Path) -> None:
    """They have numbers of their own: the people in them say whose they are."""
    uploads: dict[tuple[str, Sequence[Person]], dict[str, bytes]] = {
        ("12", (ADA,)): {EX1: RIGHT},
        ("14", (ADA,)): {EX1: WRONG},
        ("13", (BOB,)): {EX1: WRONG},
    }
    path = gradescope_export(tmp_path / "g.zip", uploads)
    command.run(str(path), *policy(tmp_path, 'attempts = "best"\n'), *SEED)
    assert points(command) == {"S1": MOST[0], "S2": 0}


def test_an_attempt_that_cannot_be_read(command: Command, tmp_path: Path) -> None:
    """The best is not known then, which is no zero; the last, if it can be read, is."""
    path = attempts(tmp_path / "b", {2: {"work.zip": b"PK\x03\x04"}, 4: {EX1: RIGHT}})
    words = (str(path), *SEED)
    ran = command.run(*words, *policy(tmp_path, 'attempts = "best"\n'))
    assert ran.returncode == 3
    assert points(command) == {"ada": None}
    assert "the best is not known" in results(command)["ada"]["counted"]
    ran = command.run(*words, *policy(tmp_path, 'attempts = "last"\n'))
    assert ran.returncode == 0
    assert points(command) == {"ada": MOST[0]}


def test_a_rule_that_there_is_not(command: Command, tmp_path: Path) -> None:
    """It is said which there are."""
    hand_in(command.submissions, "ann", {IDS[0]: WRONG})
    ran = command.grade(*policy(tmp_path, 'attempts = "first"\n'))
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert "attempts is one of 'last', 'last_in_time', 'best', not 'first'" in ran.stderr


# -- when something was sent ----------------------------------------------------------------------


def test_times_from_a_csv(command: Command, tmp_path: Path) -> None:
    """They stand for those of the platform; who is not in it is listed; it is remembered."""
    hand_in(command.submissions, "ada", {IDS[0]: RIGHT})
    hand_in(command.submissions, "bob", {IDS[0]: RIGHT})
    times = tmp_path / "times.csv"
    times.write_text(
        "time;submission\n2026-03-02T01:00:00+02:00;ADA\n2026-03-01T01:00:00Z;adda\n", "utf-8"
    )
    rules = policy(tmp_path, "deadline = 2026-03-01T22:00:00Z\nlate = {points = 1, per = 'hour'}\n")
    ran = command.grade("--times", str(times), *rules, *SEED)
    assert ran.returncode == 0, ran.stderr
    assert points(command) == {"ada": MOST[0] - 1, "bob": MOST[0]}
    said = " ".join(ran.stdout.split())
    assert "bob: the CSV has no time of it" in said
    assert "adda: the CSV has a time, and nobody of that name handed in" in said
    times.write_text("submission,time\nada,2026-03-01T22:00:00Z\n", encoding="utf-8")
    command.grade()
    assert points(command) == {"ada": MOST[0], "bob": MOST[0]}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("who,when\n", "begins with other columns"),
        ("submission,time\nada,yesterday\n", "line 2: 'yesterday' is no time"),
        (
            "submission,time\nada,2026-03-01T22:00:00\n",
            "line 2: 2026-03-01T22:00:00 has no time zone",
        ),
    ],
)
def test_times_that_cannot_be_used(
    command: Command, tmp_path: Path, text: str, complaint: str
) -> None:
    """A time without its zone could be any of a day's."""
    hand_in(command.submissions, "ada", {IDS[0]: RIGHT})
    times = tmp_path / "times.csv"
    times.write_text(text, encoding="utf-8")
    ran = command.grade("--times", str(times))
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert complaint in ran.stderr


def git(folder: Path, *words: str, when: str = "2020-01-01T00:00:00Z") -> None:
    """Run Git in a folder, as somebody, at some time."""
    stamps = {"GIT_AUTHOR_DATE": "2020-01-01T00:00:00Z", "GIT_COMMITTER_DATE": when}
    who = ("-c", "user.name=a", "-c", "user.email=a@b")
    command = [shutil.which("git") or "git", *who, *words]
    subprocess.run(command, cwd=folder, env=os.environ | stamps, check=True)


def clone(folder: Path, *commits: tuple[str, str]) -> Path:
    """A repository with commits: each a file's name and when it was committed."""
    folder.mkdir()
    git(folder, "init", "-q")
    for name, when in commits:
        (folder / name).write_bytes(RIGHT if name == EX1 else b"words\n")
        git(folder, "add", name)
        git(folder, "commit", "-qm", name, when=when)
    return folder


def test_times_from_clones(command: Command, tmp_path: Path) -> None:
    """The last commit that changed what counts; what a clone is set up to run is not run."""
    ada = clone(
        command.submissions / "ada",
        (EX1, "2026-03-02T01:30:00+02:00"),
        ("README.md", "2026-04-01T00:00:00Z"),
    )
    packed = clone(command.submissions / "bob", (EX1, "2026-03-01T12:00:00Z"))
    git(packed, "gc", "-q")
    hand_in(command.submissions, "cy", {IDS[0]: RIGHT})
    empty = clone(command.submissions / "dee", ("README.md", "2026-03-01T12:00:00Z"))
    (empty / EX1).write_bytes(RIGHT)
    trap = tmp_path / "trap"
    evil = ada / ".git" / "config"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {trap}\n", encoding="utf-8")
    program.chmod(0o755)
    evil.write_text(
        f"{evil.read_text('utf-8')}\n[log]\nshowSignature = true\n[gpg]\nprogram = {program}\n"
        f"[core]\nfsmonitor = {program}\npager = {program}\n",
        encoding="utf-8",
    )
    rules = policy(tmp_path, "deadline = 2026-03-01T22:00:00Z\nlate = {points = 1, per = 'hour'}\n")
    ran = command.grade("--times", "git", *rules, *SEED)
    assert ran.returncode == 0, ran.stderr
    everybody = results(command)
    assert everybody["ada"]["submitted"] == "2026-03-02T01:30:00+02:00"
    assert everybody["bob"]["submitted"] == "2026-03-01T12:00:00+00:00"
    assert points(command) == {"ada": MOST[0] - 2, "bob": MOST[0], "cy": MOST[0], "dee": MOST[0]}
    said = " ".join(ran.stdout.split())
    assert "cy: it is no clone" in said
    assert "dee: no commit has what counts" in said
    assert not trap.exists()
    shutil.rmtree(ada / ".git" / "objects")
    ran = command.grade()
    assert "ada: its history cannot be read" in " ".join(ran.stdout.split())


def test_no_clones(command: Command) -> None:
    """It is said where they should be."""
    hand_in(command.submissions, "ada", {IDS[0]: RIGHT})
    ran = command.grade("--times", "git")
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert "finds no clone" in ran.stderr
