"""Classes made from the labelled submissions, and the command that grades them, as a process."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from grader.course.catalog import exercises, find_root
from tests.corpus import EXERCISES, Labelled, load
from tests.proofs import without_times

__all__ = [
    "Command",
    "files_of",
    "hand_in",
    "interrupt",
    "kill_and_resume",
    "left_over",
    "sample",
    "seen",
    "solution",
    "undisturbed",
]

SEED = ("--seed", "20260")
POLL = 0.05  # seconds between looks at processes that are about to end


def hand_in(folder: Path, name: str, modules: Mapping[str, str | bytes]) -> None:
    """Put a submission into a class's folder: modules by the id of their exercise."""
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    for exercise, text in modules.items():
        data = text.encode() if isinstance(text, str) else text
        (place / f"{exercise}.py").write_bytes(data)


def sample(count: int, labels: Iterable[str] = ("right", "wrong")) -> list[Labelled]:
    """So many submissions of the corpus, evenly from each exercise and label."""
    piles = [
        [one for one in load() if one.exercise == exercise and one.label == label]
        for exercise in EXERCISES
        for label in labels
    ]
    mixed = [pile[n] for n in range(max(map(len, piles))) for pile in piles if n < len(pile)]
    return mixed[:count]


def solution(number: int) -> str:
    """The reference of an exercise."""
    return exercises()[number - 1].solution.read_text(encoding="utf-8")


class Command:
    """`python -m grader class`, in a process whose descendants can be told from all others."""

    patience = 300.0  # real seconds; a large class takes longer

    def __init__(self, folder: Path) -> None:
        self.submissions = folder / "class"
        self.submissions.mkdir()
        self.out = folder / "out"
        self.marked = folder / "tmp"
        self.marked.mkdir()

    def words(self, *more: str) -> list[str]:
        return [
            *(sys.executable, "-m", "grader", "class"),
            *("--out", str(self.out), "--trust-submissions", *more),
        ]

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "TMPDIR": str(self.marked), "PYTHONPATH": str(find_root())}

    def start(self, *more: str, quiet: bool = False) -> subprocess.Popen[str]:
        """Start it in a session of its own, as a terminal's foreground job has one.

        quiet: what it says is not read.
        """
        stream = subprocess.DEVNULL if quiet else subprocess.PIPE
        return subprocess.Popen(
            self.words(*more),
            cwd=find_root(),
            env=self.environment,
            stdout=stream,
            stderr=stream,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )

    def run(self, *more: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        process = self.start(*more)
        out, err = process.communicate(timeout=self.patience)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def grade(self, *more: str) -> subprocess.CompletedProcess[str]:
        """Grade the class's folder, one submission at a time for each core."""
        return self.run(str(self.submissions), *more)

    def results(self) -> Any:
        """What `results.json` holds."""
        return json.loads((self.out / "results.json").read_text(encoding="utf-8"))


def seen(process: subprocess.Popen[str], text: str) -> bool:
    """Wait until a process prints a line that holds `text`; false when it ends without."""
    assert process.stdout is not None
    return any(text in line for line in process.stdout)


def files_of(out: Path) -> dict[str, Any]:
    """The files of a run by their names, without the times, which alone may differ."""
    found: dict[str, Any] = {}
    for path in sorted(out.rglob("*")):
        if path.is_file() and not path.name.startswith("grading.sqlite3"):
            text = path.read_text(encoding="utf-8")
            name = path.relative_to(out).as_posix()
            found[name] = without_times(json.loads(text)) if path.suffix == ".json" else text
    return found


def left_over(marked: Path, patience: float = 20.0) -> list[str]:
    """The processes whose folder for temporary files is `marked`, once they had time to end."""
    until = time.monotonic() + patience
    while (found := _marked(marked)) and time.monotonic() < until:
        time.sleep(POLL)
    return found


def _marked(folder: Path) -> list[str]:
    mark = f"TMPDIR={folder}".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (path / "environ").read_bytes().split(b"\0"):
                found.append((path / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def interrupt(process: subprocess.Popen[str]) -> None:
    """Ctrl-C, as a terminal sends it: to the whole foreground group."""
    os.killpg(process.pid, signal.SIGINT)


def kill_and_resume(command: Command, chance: random.Random) -> None:
    """Kill the run some time after it began, then resume it."""
    process = command.start(str(command.submissions), *SEED)
    assert seen(process, "Grading ")
    assert process.stdout is not None
    for _ in range(chance.randrange(4)):
        process.stdout.readline()
    try:
        process.wait(chance.random())
    except subprocess.TimeoutExpired:
        process.kill()
    out, _ = process.communicate()
    reported = [line for line in out.splitlines() if " graded, " in line]
    assert left_over(command.marked) == []
    with closing(sqlite3.connect(command.out / "grading.sqlite3")) as database:
        query = "SELECT count(DISTINCT submission) FROM verdicts"
        (known,) = database.execute(query).fetchone()
    assert known >= (int(reported[-1].split()[0]) if reported else 0)
    assert command.run("--resume").returncode == 0


def undisturbed(command: Command) -> dict[str, object]:
    """The files of a run that nobody disturbed, over the same class."""
    command.out = command.out.with_name("undisturbed")
    assert command.grade(*SEED).returncode == 0
    return files_of(command.out)
