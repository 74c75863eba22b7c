"""Saves are noticed, whatever the editor does; half-written files are not taken for one."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from grader.practice.saves import (
    INTERVAL,
    LARGEST,
    LONG_PATIENCE,
    LONGEST_PAUSE,
    PATIENCE,
    Look,
    Saves,
    pause_after,
)
from grader.results import Outcome
from tests.practice.verdicts import verdict

BEFORE = "x = 1\ny = 2\n"


class Folder:
    """A file that is looked at, with a clock that goes on by one interval for each look."""

    def __init__(self, path: Path) -> None:
        self.file = path / "ex1.py"
        self.file.write_text(BEFORE, encoding="utf-8")
        self.now = 0.0
        self.saves = Saves({"ex1": self.file}, lambda: self.now)

    def look(self) -> Look:
        self.now += INTERVAL
        return self.saves.look()

    def saved_after(self) -> float:
        """Seconds until a save is noticed; a long time when it is not."""
        start = self.now
        while not self.look().saved:
            if self.now - start > 10:
                return float("inf")
        return self.now - start


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A course of one file."""
    return Folder(tmp_path)


def by_writing(file: Path, text: str) -> None:
    """As simple programs save."""
    file.write_text(text, encoding="utf-8")


def by_renaming(file: Path, text: str) -> None:
    """As careful ones do."""
    new = file.with_name("new")
    new.write_text(text, encoding="utf-8")
    new.replace(file)


def with_a_backup(file: Path, text: str) -> None:
    """As vim does: for a moment there is no file."""
    file.replace(file.with_name("ex1.py~"))
    file.write_text(text, encoding="utf-8")


WAYS = [by_writing, by_renaming, with_a_backup]


@pytest.mark.parametrize("way", WAYS)
def test_a_save(folder: Folder, way: Callable[[Path, str], None]) -> None:
    """However an editor writes, two looks that are the same make one save, and only one."""
    assert folder.look() == Look()
    way(folder.file, "x = 2\n")
    assert folder.look() == Look(changing=("ex1",))
    assert folder.look() == Look(saved=("ex1",))
    assert folder.look() == Look()


def test_times_that_stand_still(folder: Folder) -> None:
    """On a network's file system a save may leave time and size as they were."""
    times = folder.file.stat()
    folder.file.write_text(BEFORE.replace("1", "3"), encoding="utf-8")
    os.utime(folder.file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert folder.saved_after() < PATIENCE


def test_the_same_content_again(folder: Folder) -> None:
    """A save without a change is a save: somebody wants to see something."""
    by_renaming(folder.file, BEFORE)
    assert folder.saved_after() < PATIENCE


def test_as_it_was_again(folder: Folder) -> None:
    """A file that is for a moment another one is told of at the end, as its change was."""
    other = folder.file.rename(folder.file.with_name("aside"))
    assert folder.look().changing
    other.rename(folder.file)
    assert folder.saved_after() < PATIENCE


@pytest.mark.parametrize("text", ["", "  \n", "x =", "x = 1\n", "#" * 511 + "\n"])
def test_half_a_file(folder: Folder, text: str) -> None:
    """What may be half-written is not taken for a save while the rest may still come."""
    folder.file.write_text(text, encoding="utf-8")
    for _ in range(int(PATIENCE / INTERVAL) - 1):
        assert not folder.look().saved
    by_writing(folder.file, "x = 2\ny = 3\n")
    assert folder.look() == Look(changing=("ex1",))
    assert folder.look() == Look(saved=("ex1",))


@pytest.mark.parametrize(("text", "patience"), [("x =", PATIENCE), ("", LONG_PATIENCE)])
def test_no_more_will_come(folder: Folder, text: str, patience: float) -> None:
    """Somebody may mean it."""
    folder.file.write_text(text, encoding="utf-8")
    assert patience <= folder.saved_after() < patience + 3 * INTERVAL


def test_no_file(folder: Folder) -> None:
    """A file that is deleted is told of after a while, and one in its place at once."""
    folder.file.unlink()
    assert LONG_PATIENCE <= folder.saved_after() < LONG_PATIENCE + 3 * INTERVAL
    folder.file.mkdir()
    assert folder.saved_after() < LONG_PATIENCE + 3 * INTERVAL
    folder.file.rmdir()
    by_writing(folder.file, "x = 2\n")
    assert folder.saved_after() < PATIENCE


def test_several_files(tmp_path: Path) -> None:
    """Each by its name."""
    files = {name: tmp_path / name for name in ("a", "b", "c")}
    saves = Saves(files)
    for name in ("a", "c"):
        by_writing(files[name], "x = 1\n")
    assert saves.look().changing == ("a", "c")
    assert saves.look().saved == ("a", "c")


def test_looks_cost_little() -> None:
    """Where a look takes long there are fewer, but one a second."""
    assert pause_after(0.0001) == INTERVAL
    assert pause_after(0.01) == pytest.approx(0.2)
    assert pause_after(10) == LONGEST_PAUSE


# -- verdicts on what was saved --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "source", "fits"),
    [
        (b"x = 1\n", "x = 1\n", True),
        (b"\xef\xbb\xbfx = 1\r\n", "x = 1\r\n", True),
        (b"x = 1\n", "x =", False),
        (b"x = 1\n", "", False),
        (b"", "", True),
        (b"", "x = 1\n", False),
        (b"\xff\xfe", "", True),
        (b"x\0\n", "", True),
        (b"#" * (LARGEST + 1), "", True),
        (None, "", True),
        (None, "x = 1\n", False),
    ],
)
def test_is_of(tmp_path: Path, content: bytes | None, source: str, *, fits: bool) -> None:
    """A verdict counts when its source is the file's content, or when that is no source at all."""
    file = tmp_path / "ex1.py"
    if content is not None:
        file.write_bytes(content)
    assert Saves({"ex1": file}).is_of(verdict("ex1", source=source)) is fits


def test_is_of_a_file_that_was_missing(tmp_path: Path) -> None:
    """That there is no file is no verdict on one that is there."""
    (tmp_path / "ex1.py").write_text("", encoding="utf-8")
    saves = Saves({"ex1": tmp_path / "ex1.py"})
    missing = replace(verdict("ex1", Outcome.MISSING), source="")
    assert not saves.is_of(missing)
