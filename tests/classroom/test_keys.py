"""Keys: equal for what gives the same verdict, different as soon as anything has a say in it."""

from __future__ import annotations

import platform
from dataclasses import replace
from pathlib import Path

import pytest

from grader.classroom import keys as keys_module
from grader.classroom.keys import JUDGING, Keys
from grader.course.catalog import exercises, find_root
from grader.judge import Module
from grader.results import Outcome
from tests.test_architecture import COURSE, DIRECTIONS

MODULE = Module(exercises()[0], "ex1.py", b"x = 1\n")


def test_the_same_again() -> None:
    """For the same file, whatever it is called."""
    assert Keys(1, "walls").of(MODULE) == Keys(1, "walls").of(replace(MODULE, path="other.py"))


@pytest.mark.parametrize(
    "other",
    [
        Keys(2, "walls").of(MODULE),
        Keys(1, "").of(MODULE),
        Keys(1, "walls").of(replace(MODULE, data=b"x = 2\n")),
        Keys(1, "walls").of(replace(MODULE, data=None)),
        Keys(1, "walls").of(replace(MODULE, data=None, outcome=Outcome.FAILED, note="no zip")),
        Keys(1, "walls").of(replace(MODULE, entry=exercises()[1])),
    ],
)
def test_whatever_differs(other: str) -> None:
    """The seed, the settings, the file, and which exercise it is for."""
    assert other != Keys(1, "walls").of(MODULE)


@pytest.mark.parametrize("what", ["checks", "grader", "python"])
def test_another_grader(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Changed checks, a changed grader or another Python may judge otherwise."""
    before = Keys(1).of(MODULE)
    module = MODULE
    if what == "checks":
        changed = tmp_path / MODULE.entry.checks.name
        changed.write_text(MODULE.entry.checks.read_text("utf-8") + "# changed\n", "utf-8")
        module = replace(MODULE, entry=replace(MODULE.entry, checks=changed))
    elif what == "grader":
        monkeypatch.setattr(keys_module, "_grader", lambda: "another")
    else:
        monkeypatch.setattr(platform, "python_version", lambda: "3.99.0")
    assert Keys(1).of(module) != before


def test_everything_that_judges_has_a_say() -> None:
    """The rooms that the judge imports, and those that these import, and the lab."""
    reached, todo = set(), {"judge", "lab"}
    while todo:
        room = todo.pop()
        reached.add(room)
        todo |= DIRECTIONS[room] - reached
    alone = {path.stem for path in (find_root() / "grader").glob("[a-z]*.py")}
    parts = {f"course/{part}" for part in COURSE} - {
        "course/checks",
        "course/pages",
        "course/points",
    }
    assert (reached - {"core", "course"}) | alone | parts <= set(JUDGING)
