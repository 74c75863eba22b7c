"""`update`: what becomes of each file, and back."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from grader import files
from grader.course import catalog
from grader.folder import renewal
from grader.practice.progress import open_store, place
from tests.cli.conftest import NAMES, Run
from tests.installed import aged

FIRST, SECOND, THIRD = (f"exercises/{name}.py" for name in NAMES)
OLD = "# Of an older version.\n"


def _text(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


def _files(folder: Path) -> dict[str, bytes]:
    """All that `update` may not lose: the folder, but for what updates keep."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "updates" not in path.parts and "progress" not in path.name
    }


def test_nothing_to_do(run: Run, mine: Path) -> None:
    """Work on a stub of today is no reason for anything."""
    Path(FIRST).write_text("# mine\n", encoding="utf-8")
    before = _files(mine)
    ran = run("update")
    assert (ran.code, ran.out.count("\n")) == (0, 1)
    assert "nothing to do" in ran.out
    assert _files(mine) == before
    assert "There is no update to take back" in run("update", "--undo").err


def test_each_file_as_it_was_left(run: Run, mine: Path) -> None:
    """Untouched: replaced. Edited: kept, with the new one beside it. Deleted: put back."""
    aged(mine, *NAMES)
    Path(SECOND).write_text("# mine\n", encoding="utf-8")
    Path(THIRD).unlink()
    ran = run("update")
    assert ran.code == 0
    assert [line.split("  ", 1)[1].strip() for line in ran.out.splitlines()[:3]] == [
        "replaced: it was as it came",
        f"kept: you have changed it. The new one is beside it: {NAMES[1]}.py.new",
        "put back: it was missing",
    ]
    assert f"--- {SECOND} (as it came)\n+++ {SECOND} (new)" in ran.out
    assert f"-{OLD}" in ran.out
    today = {name: catalog.pristine(name) for name in NAMES}
    assert (_text(FIRST), _text(THIRD)) == (today[NAMES[0]], today[NAMES[2]])
    assert (_text(SECOND), _text(f"{SECOND}.new")) == ("# mine\n", today[NAMES[1]])
    assert run("list").err == ""


def test_what_has_passed_is_kept(run: Run, mine: Path) -> None:
    """It needs no new stub, not even beside it."""
    Path(FIRST).write_text("# finished\n", encoding="utf-8")
    run("1")
    Path(FIRST).write_text("# finished, and changed since\n", encoding="utf-8")
    aged(mine, NAMES[0])
    before = _text(FIRST)
    assert "kept: it has passed" in run("update").out
    assert _text(FIRST) == before
    assert not Path(f"{FIRST}.new").exists()


def test_what_was_begun_and_deleted_stays_deleted(run: Run, mine: Path) -> None:
    """The progress knows, or a backup does; `reset` brings it."""
    run("1")
    Path("exercises", "backups").mkdir()
    Path("exercises", "backups", f"{NAMES[1]}-2026.py").touch()
    for file in (FIRST, SECOND, THIRD):
        Path(file).unlink()
    aged(mine, *NAMES)
    out = run("update").out
    assert out.count("stays deleted: you had begun it. To have it: ") == 2
    assert f"reset {NAMES[0]}" in out
    assert [Path(file).exists() for file in (FIRST, SECOND, THIRD)] == [False, False, True]
    assert "update --undo" not in run("update").out
    run("update", "--undo")
    assert not Path(THIRD).exists()


def test_line_ends_are_no_work(run: Run, mine: Path) -> None:
    """Git or an editor may have changed them."""
    aged(mine, NAMES[0])
    Path(FIRST).write_bytes(Path(FIRST).read_bytes().replace(b"\n", b"\r\n"))
    assert "replaced: it was as it came" in run("update").out


def test_a_new_exercise(run: Run, mine: Path) -> None:
    """It is added; where a file of its name is, that is kept."""
    marker = mine / ".grader" / "course.json"
    data = json.loads(marker.read_text(encoding="utf-8"))
    for file in (FIRST, SECOND):
        del data["files"][file]
    marker.write_text(json.dumps(data), encoding="utf-8")
    Path(FIRST).unlink()
    Path(SECOND).write_text("# by chance\n", encoding="utf-8")
    out = run("update").out
    assert f"{FIRST}  new\n" in out
    assert "kept: you have changed it" in out
    assert _text(SECOND) == "# by chance\n"


def test_files_around(run: Run, mine: Path) -> None:
    """A noxfile of the learner's own is no stub, and kept all the same."""
    marker = mine / ".grader" / "course.json"
    data = json.loads(marker.read_text(encoding="utf-8"))
    data["files"]["noxfile.py"] = "of another version"
    marker.write_text(json.dumps(data), encoding="utf-8")
    Path("noxfile.py").write_text("# mine\n", encoding="utf-8")
    out = run("update").out
    assert "--- noxfile.py (yours)" in out
    assert _text("noxfile.py") == "# mine\n"


def test_dry_run(run: Run, mine: Path) -> None:
    """All is said, and nothing is done."""
    aged(mine, *NAMES)
    Path(SECOND).write_text("# mine\n", encoding="utf-8")
    before = {path: path.stat().st_mtime_ns for path in mine.rglob("*")}
    ran = run("update", "--dry-run")
    assert "replaced: it was as it came" in ran.out
    assert f"+++ {SECOND} (new)" in ran.out
    assert ran.out.splitlines()[-1] == "Nothing was done. To do it: python -m grader update"
    assert {path: path.stat().st_mtime_ns for path in mine.rglob("*")} == before


def test_undo(run: Run, mine: Path) -> None:
    """Everything is as it was, but for what was changed since; then there is no more to take back."""
    Path(SECOND).write_text("# mine\n", encoding="utf-8")
    Path(THIRD).unlink()
    aged(mine, *NAMES)
    before = _files(mine)
    run("update")
    assert len(_files(mine)) == len(before) + 2
    Path(FIRST).write_text("# begun\n", encoding="utf-8")
    ran = run("update", "--undo")
    assert (ran.code, f"{FIRST} stays: you have changed it since." in ran.out) == (0, True)
    assert _files(mine) == before | {FIRST: b"# begun\n"}
    assert "There is no update to take back" in run("update", "--undo").err


def test_older_folders_are_told(run: Run, mine: Path) -> None:
    """Every command of a learner says what to do, on standard error."""
    aged(mine, NAMES[0])
    for words in (("1",), ("list",), ("hint",)):
        assert "update" in run(*words).err.splitlines()[-1], words
    assert "To bring that in" in " ".join(run("doctor").out.split())
    assert run("1", "--json", "-").out.startswith("{")
    (mine / ".grader" / "course.json").write_text("no JSON", encoding="utf-8")
    assert run("list").err == ""
    ran = run("update")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "is damaged" in ran.err


def test_a_folder_of_a_later_version(run: Run, mine: Path) -> None:
    """What this version cannot read it leaves alone."""
    marker = mine / ".grader" / "course.json"
    marker.write_text(json.dumps({"schema": 2, "version": "9.0"}), encoding="utf-8")
    assert "made by a newer version of the course (9.0)" in run("update").err


class Killed(BaseException):
    """The end of the process, as far as the files are concerned."""


@pytest.mark.parametrize("undo", [False, True])
def test_cut_short_at_every_step(
    run: Run, mine: Path, monkeypatch: pytest.MonkeyPatch, *, undo: bool
) -> None:
    """Between any two writes: nothing is lost, and the next update, or undo, finds everything."""
    Path(SECOND).write_text("# mine\n", encoding="utf-8")
    Path(THIRD).unlink()
    aged(mine, *NAMES)
    old = _files(mine)
    run("update")
    new = _files(mine)
    run("update", "--undo")
    real, words = files.replace_file, ("update", "--undo") if undo else ("update",)
    moments = 0
    for moment in range(100):
        if undo:
            run("update")
        left = moment

        def kills(file: Path, pieces: Iterable[bytes], **how: bool) -> None:
            nonlocal left
            if left == 0:
                raise Killed
            left -= 1
            real(file, pieces, **how)

        with monkeypatch.context() as patched:
            patched.setattr(renewal, "replace_file", kills)
            try:
                run(*words)
            except Killed:
                moments += 1
            else:
                break
        now = _files(mine)
        assert now[SECOND] == old[SECOND]
        assert all(data in (old.get(name), new.get(name)) for name, data in now.items())
        if moment % 2:
            run("update", "--dry-run")
            assert _files(mine) == now
            assert run("update").code == 0
            assert _files(mine) == new
        run("update", "--undo")
        assert _files(mine) == old
    assert moments > 10 if not undo else moments > 5


def test_saved_meanwhile(run: Run, mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a learner saves while it runs is seen immediately before, and left alone."""
    aged(mine, *NAMES)
    real = renewal._prepared

    def slow(*words: object) -> renewal.Journal:
        journal = real(*words)  # type: ignore[arg-type]  # as it was called
        Path(FIRST).write_text("# just saved\n", encoding="utf-8")
        return journal

    monkeypatch.setattr(renewal, "_prepared", slow)
    ran = run("update")
    assert "left alone: you have just changed it" in ran.out
    assert _text(FIRST) == "# just saved\n"
    assert _text(SECOND) == catalog.pristine(NAMES[1])


def test_a_full_disk(run: Run, mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was done is taken back, and the error says why."""
    aged(mine, *NAMES)
    old = _files(mine)
    real = files.replace_file

    def full(file: Path, pieces: Iterable[bytes], **how: bool) -> None:
        if file.name == f"{NAMES[2]}.py":
            raise OSError(28, "No space left on device", str(file))
        real(file, pieces, **how)

    with monkeypatch.context() as patched:
        patched.setattr(renewal, "replace_file", full)
        ran = run("update")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "No space left on device" in ran.err
    assert _files(mine) == old
    assert run("update").code == 0


def test_something_else_in_the_place_of_a_file(run: Run, mine: Path) -> None:
    """It is named; nothing was changed."""
    aged(mine, *NAMES)
    Path(SECOND).unlink()
    Path(SECOND).mkdir()
    ran = run("update")
    assert (ran.code, ran.out) == (2, "")
    assert SECOND in ran.err.replace(os.sep, "/")
    assert _text(FIRST).startswith(OLD)


def test_a_damaged_journal(run: Run, mine: Path) -> None:
    """It is named, and no traceback is shown."""
    aged(mine, NAMES[0])
    run("update")
    (journal,) = (mine / ".grader" / "updates").glob("*/journal.json")
    journal.write_text("{}", encoding="utf-8")
    ran = run("update", "--undo")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "journal.json is damaged" in ran.err


def test_progress_stays(run: Run, mine: Path) -> None:
    """An update forgets nothing that was graded."""
    run("1")
    aged(mine, *NAMES)
    run("update")
    with open_store(place(mine)) as store:
        assert set(store.progress()) == {NAMES[0]}
