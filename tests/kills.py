"""Kills what writes a learner's files at random moments, and looks whether anything of theirs is lost."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

from grader.course.catalog import exercises, find_root
from grader.practice.progress import open_store
from tests.course import save
from tests.installed import Installed, aged

__all__ = ["kill_while_updating", "kill_while_writing"]

# Says a number once everything about it is noted; the last one that was said must be there.
_WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from grader.results import ExerciseResult, Outcome
from grader.practice.progress import open_store
number = int(sys.argv[3])
while True:
    with open_store(Path(sys.argv[2])) as store:
        for _ in range(5):
            number += 1
            store.record(ExerciseResult("ex1", "t", 10**9, Outcome.FAILED), number)
            store.hint_shown("ex1", "test_it", number, asked=True)
            assert not store.notices, store.notices
            print(number, flush=True)
"""


def kill_while_writing(file: Path, kills: int, seed: int) -> int:
    """Kill so many writers of one file; returns how many numbers they had said in all.

    Raises `AssertionError` when something that was said is not there, or the file is damaged.
    """
    draw = random.Random(seed)
    said = 0
    for _ in range(kills):
        said = max(said, _said_until_killed(file, said, draw.uniform(0, 0.02)))
        with open_store(file) as store:
            known = store.progress()
            assert store.notices == (), store.notices
            seen = known["ex1"].seed if known else 0
            assert seen in (said, said + 1), f"{said} was said, and {seen} is there"
            assert store.hint_level("ex1", "test_it") in (said, said + 1)
        said = seen or 0
    return said


def _said_until_killed(file: Path, number: int, seconds: float) -> int:
    """Start a writer, kill it so long after its first word, and return its last."""
    command = [sys.executable, "-S", "-c", _WRITER, str(find_root()), str(file), str(number)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline()]
        time.sleep(seconds)  # a random moment, which nothing else could bring about
        writer.kill()
        lines += writer.stdout.read().splitlines()
    whole = [int(line) for line in lines if line.strip()]
    return whole[-1]


def kill_while_updating(installed: Installed, folder: Path, kills: int, seed: int) -> int:
    """Kill so many updates of a new course folder, and undos; returns how many were in the middle.

    Raises `AssertionError` when something of the learner's is lost, or the next command does not go on.
    """
    ids = [entry.id for entry in exercises()]
    work = _worked_on(folder, ids)
    aged(folder, *ids)
    theirs = {name: (folder / name).read_bytes() for name in work}
    old, began = _files(folder), time.monotonic()
    _done(installed, folder, "update")
    took, new = time.monotonic() - began, _files(folder)
    _done(installed, folder, "update", "--undo")
    assert _files(folder) == old
    draw, hit = random.Random(seed), 0
    for number in range(kills):
        if back := number % 4 == 3:
            _done(installed, folder, "update")
        words = ("update", "--undo") if back else ("update",)
        # Every other one while it writes, the rest at any moment from its start.
        writing = number % 4 in (0, 2)
        seconds = draw.uniform(0, 0.12 * took) if writing else draw.uniform(0.3, 1.1) * took
        _kill(installed, folder, words, seconds, writing=writing)
        now = _files(folder)
        assert {name: now[name] for name in theirs} == theirs
        for name, data in now.items():
            assert data in (old.get(name), new.get(name)), name
        assert set(now) >= set(old) & set(new)
        hit += now not in (old, new)
        _done(installed, folder, "update")
        assert _files(folder) == new
        _done(installed, folder, "update", "--undo")
        assert _files(folder) == old
    return hit


def _worked_on(folder: Path, ids: list[str]) -> tuple[str, ...]:
    """Put a learner's work into a folder; returns the paths of the files."""
    save(folder, ids[0], "# mine\n")
    backup = folder / "exercises" / "backups" / f"{ids[1]}-1.py"
    backup.parent.mkdir()
    backup.write_text("# earlier\n", encoding="utf-8")
    (folder / "exercises" / f"{ids[2]}.py").unlink()
    (folder / "exercises" / "notes.txt").write_text("mine, too\n", encoding="utf-8")
    return (f"exercises/{ids[0]}.py", f"exercises/backups/{backup.name}", "exercises/notes.txt")


def _files(folder: Path) -> dict[str, bytes]:
    """All files of a folder, but for what updates keep, and one that was only half written."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "updates" not in path.parts and not path.name.endswith(".part")
    }


def _done(installed: Installed, folder: Path, *words: str) -> None:
    done = installed.run(folder, *words)
    assert done.returncode == 0, done.stdout + done.stderr


def _kill(
    installed: Installed, folder: Path, words: tuple[str, ...], seconds: float, *, writing: bool
) -> None:
    """Kill a command so long after its start, or after it has begun to write."""
    before = _updates(folder)
    with subprocess.Popen(
        installed.command(*words),
        cwd=folder,
        env=installed.env(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        while writing and process.poll() is None and _updates(folder) == before:
            time.sleep(0.002)
        time.sleep(seconds)  # a random moment, which nothing else could bring about
        process.kill()


def _updates(folder: Path) -> int:
    return len(list((folder / ".grader" / "updates").iterdir()))
