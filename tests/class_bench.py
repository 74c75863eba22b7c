"""Measures class mode, as ratios within one run: `nox -s bench -- class [--sizes 100 1000]`.

Every submission hands in the lesson's exercises, and all are right, which takes longest. With the
default sizes this takes some ten minutes.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter

from grader.classroom.keys import Keys
from grader.classroom.plan import make_plan
from grader.classroom.run import grade_class
from grader.classroom.store import open_class_store
from grader.course.catalog import exercises, tracks
from grader.intake import take_in
from grader.runner.sandbox import probe
from tests.bench import LESSON, ROOT, Row

__all__ = ["Graded", "grade", "hand_in", "main"]

SIZES = (100, 1000)
ISOLATED = 60  # submissions to see what isolation costs


@dataclass(frozen=True)
class Graded:
    """One run: real seconds, and the most memory that the main process held, in bytes."""

    seconds: float
    peak: int


def main(words: Sequence[str]) -> None:
    """Print the table, a row as soon as it is measured."""
    parser = argparse.ArgumentParser(prog="nox -s bench -- class", description=__doc__)
    parser.add_argument("--sizes", nargs=2, type=int, default=SIZES, metavar=("FEW", "MANY"))
    few, many = parser.parse_args(words).sizes
    print(f"Once each, Python {sys.version.split()[0]}, {os.cpu_count()} cores\n")
    print(f"{'a / b':<44} {'a, ms':>8} {'b, ms':>8} {'a / b':>8}  bound")
    with tempfile.TemporaryDirectory() as name:
        for row in rows(Path(name), few, many):
            print(row, flush=True)


def rows(folder: Path, few: int, many: int) -> Iterator[Row | str]:
    """All that is measured, with what it means in submissions per second."""
    small, large = hand_in(folder / "few", few), hand_in(folder / "many", many)
    first = grade(small, folder / "out-few")
    second = grade(large, folder / "out-many")
    yield Row(
        f"a submission of {many} / a submission of {few}",
        second.seconds / many,
        first.seconds / few,
        bound=1.1,
    )
    yield f"  {few / first.seconds:.1f} and {many / second.seconds:.1f} submissions a second"
    yield Row("peak memory, kB, likewise", second.peak / 1e6, first.peak / 1e6, bound=1.1)
    again = grade(large, folder / "out-many")
    yield Row(
        f"a second run over {many}, nothing new / the first", again.seconds, second.seconds, 0.1
    )
    yield isolation(hand_in(folder / "isolated", min(few, ISOLATED)), folder)


def isolation(submissions: Path, folder: Path) -> Row:
    """What it costs to shut submissions in with all that works on this machine."""
    intake = take_in([submissions], [entry.id for entry in exercises()])
    timings = {}
    for name, sandbox in (("open", None), ("shut in", asdict(probe().sandbox))):
        with intake, open_class_store(folder / f"{name}.sqlite3") as store:
            worker = {"fork": True, "sandbox": sandbox}
            plan = make_plan(exercises(), intake.entries, store, Keys(1), worker=worker, jobs=2)
            began = perf_counter()
            grade_class(plan, store, store.begin(1, []))
            timings[name] = perf_counter() - began
    return Row("submissions shut in / trusted", timings["shut in"], timings["open"], bound=1.25)


def hand_in(folder: Path, count: int) -> Path:
    """A class of so many that are right."""
    lesson = {entry.solution.name: entry.solution.read_bytes() for entry in tracks()[LESSON]}
    for number in range(count):
        place = folder / f"learner-{number:04}"
        place.mkdir(parents=True)
        for name, source in lesson.items():
            # No two are the same file: nothing is judged once for several.
            (place / name).write_bytes(source + f"# {number}\n".encode())
    return folder


def grade(submissions: Path, out: Path, *words: str) -> Graded:
    """Grade a class by the command; raises `CalledProcessError` unless all were graded."""
    command = [sys.executable, "-m", "grader", "class", str(submissions), "--out", str(out), *words]
    began = perf_counter()
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Graded(perf_counter() - began, used.ru_maxrss * 1024)
