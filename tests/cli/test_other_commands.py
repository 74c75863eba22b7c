"""`list`, `reset` and `dev`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.cli import reset
from grader.course import catalog
from grader.practice.progress import open_store, place
from grader.results import Outcome
from tests.cli.conftest import NAMES, Judge, Run


def test_list(run: Run, fake: Judge) -> None:
    """The exercises as they were when last graded, with the next one marked; nothing is graded."""
    fake.outcomes = {2: Outcome.FAILED}
    run("1", "2")
    run("hint", "2")
    graded = len(fake.asked)
    lines = run("list").out.splitlines()
    assert lines[0] == "━━━━╌╌╌╌╌╌╌╌  1 of 3 exercises done, 1 hint taken"
    assert lines[3].split()[:-1] == ["ex1", "First", "Steps", "✔", "passed", "2/2"]
    assert lines[4].split()[:-1] == ["*", "ex2", "Second", "Wind", "✘", "not", "yet", "0/2", "1"]
    assert re.fullmatch(r"\d\d:\d\d|\d+ \w+", lines[4].split()[-1])
    assert lines[5].split() == ["ex3", "Third", "Time", "Lucky", "never", "graded"]
    assert lines[-1] == "* is next: python -m grader ex2"
    assert len(fake.asked) == graded


def test_reset(run: Run, course: Path, fake: Judge) -> None:
    """The stub is put back, the learner's version kept, and the exercise forgotten."""
    fake.outcomes = {2: Outcome.FAILED}
    run("ex2")
    stub = course / "exercises" / f"{NAMES[1]}.py"
    stub.write_bytes(b"mine \xff\r\n")
    ran = run("reset", "2")
    backups = list((course / "exercises" / "backups").iterdir())
    assert ran.code == 0
    assert stub.read_text(encoding="utf-8") == catalog.pristine(NAMES[1])
    assert [backup.read_bytes() for backup in backups] == [b"mine \xff\r\n"]
    assert re.fullmatch(rf"{NAMES[1]}-\d{{4}}-\d\d-\d\d-\d{{6}}\.py", backups[0].name)
    assert str(Path("exercises", "backups", backups[0].name)) in ran.out
    with open_store(place(course)) as store:
        assert store.progress() == {}


def test_reset_twice_in_a_second(run: Run, course: Path) -> None:
    """No backup is ever written over another."""
    stub = course / "exercises" / f"{NAMES[0]}.py"
    for text in ("one", "two", "three"):
        stub.write_text(text, encoding="utf-8")
        run("reset", "ex1")
    backups = (course / "exercises" / "backups").iterdir()
    assert {backup.read_text(encoding="utf-8") for backup in backups} == {"one", "two", "three"}


def test_reset_of_an_untouched_file(run: Run, course: Path) -> None:
    """A file that is as it came is left alone."""
    assert "nothing to do" in run("reset", "1").out
    assert not (course / "exercises" / "backups").exists()


def test_reset_of_a_missing_file(run: Run, course: Path) -> None:
    """A file that is not there is made; there is nothing to keep."""
    stub = course / "exercises" / f"{NAMES[0]}.py"
    stub.unlink()
    ran = run("reset", "1")
    assert (stub.exists(), "kept" in ran.out) == (True, False)


def test_reset_that_cannot_be_done(run: Run, course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be kept is not replaced."""
    stub = course / "exercises" / f"{NAMES[0]}.py"
    stub.write_text("mine", encoding="utf-8")
    (course / "exercises" / "backups").touch()
    ran = run("reset", "1")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "Nothing was lost" in ran.err
    assert stub.read_text(encoding="utf-8") == "mine"

    def broken(_file: Path, _content: bytes) -> None:
        raise OSError("disk")

    monkeypatch.setattr(reset, "replace_file", broken)
    (course / "exercises" / "backups").unlink()
    assert "disk" in run("reset", "1").err


def test_dev_stubs(run: Run, course: Path) -> None:
    """The stubs as they are now become those that are handed out."""
    (course / "exercises" / f"{NAMES[0]}.py").write_text("# new\n", encoding="utf-8")
    ran = run("dev", "stubs")
    stored = [course / "grader" / "course" / name / "stub.txt" for name in NAMES]
    assert (ran.code, stored[0].read_text(encoding="utf-8")) == (0, "# new\n")
    assert all(file.is_file() for file in stored)
    assert "Stored 3 stubs" in ran.out
