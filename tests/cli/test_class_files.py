"""Files of a class: whole or not at all, and names that every system can take."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.cli.class_files import LONGEST, SafeNames
from grader.cli.writing import write_whole
from grader.errors import UsageError


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Zoë O'Neil", "Zoë O'Neil"),
        ("李伟", "李伟"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("a/b\\c:d", "a_b_c_d"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("-rf", "_-rf"),
        ("a\u202eb\x00", "a_b_"),
        ("", "_"),
        ("...", "_"),
    ],
)
def test_names(name: str, safe: str) -> None:
    """Readable where it can be, and never a path."""
    assert SafeNames().of(name) == safe


def test_names_that_would_be_the_same_file() -> None:
    """On some system or other: they get endings, which are the same again next time."""
    names = ["Ann", "ann", "a:n", "a?n", "é", "e\u0301"]
    once = [SafeNames.of(taken, name) for taken in [SafeNames()] for name in names]
    again = [SafeNames.of(taken, name) for taken in [SafeNames()] for name in names]
    assert once == again
    assert len({name.casefold() for name in once}) == len(names)


@given(st.lists(st.text(st.characters(codec=None), max_size=300), unique=True, max_size=20))
def test_any_names(names: list[str]) -> None:
    """Each gets a name of its own that is a file's name and nothing else."""
    taken = SafeNames()
    safe = [taken.of(name) for name in names]
    assert len({name.casefold() for name in safe}) == len(names)
    for name in safe:
        assert name == Path(name).name
        assert len(name.encode()) <= LONGEST + 12


def test_written_as_a_whole(tmp_path: Path) -> None:
    """Texts and bytes, into a folder that was not there, with the rights of any new file."""
    file = tmp_path / "new" / "file.txt"
    write_whole(file, ["ä\udc80", b"\xff"], folders=True)
    assert file.read_bytes() == b"\xc3\xa4\\udc80\xff"
    other = tmp_path / "other"
    other.write_text("", encoding="utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == stat.S_IMODE(other.stat().st_mode)


def test_or_not_at_all(tmp_path: Path) -> None:
    """When it fails half-way, the old file is as it was, and nothing is left beside it."""
    file = tmp_path / "file.txt"
    file.write_text("old", encoding="utf-8")

    def pieces() -> Iterator[str]:
        yield "new"
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        write_whole(file, pieces())
    assert file.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    """Which one, and why."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be written"):
        write_whole(tmp_path / "file" / "within", ["x"])


def test_what_a_killed_run_has_left_is_used_up(tmp_path: Path) -> None:
    """Half a file of a run that was killed does not stay beside the whole one of the next."""
    (tmp_path / ".marks.csv.part").write_text("ha", encoding="utf-8")
    write_whole(tmp_path / "marks.csv", ["whole"])
    assert [path.name for path in tmp_path.iterdir()] == ["marks.csv"]
