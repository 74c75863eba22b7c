"""Grades a class by the public command, as any user and within limits, and says what came of it."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.course.catalog import find_root
from tests.hostile.cases import Case, write
from tests.hostile.leftovers import end_living, left_behind, newly_left
from tests.hostile.sampling import Peaks, watched
from tests.hostile.users import NOBODY, as_plain_user, within

__all__ = ["Class", "Setting", "grade_class"]

COMMAND_ENDS = (0, 3)  # graded; some are ungraded
LONGEST = 180.0  # seconds for each submission until the whole run is given up
NUMBER = re.compile(r"[-+]?[0-9.]+")


@dataclass(frozen=True)
class Setting:
    """As whom, and how, a class is graded. processes, memory: see `within`."""

    plain: bool = False
    jobs: int = 2
    seed: int = 4
    fork: bool = True
    bwrap: bool = True
    processes: int | None = None
    memory: int | None = None

    def __str__(self) -> str:
        words = ["a plain user" if self.plain else "oneself", f"--jobs {self.jobs}"]
        words += ["--no-fork"] if not self.fork else []
        words += ["without bwrap"] if not self.bwrap else []
        words += [f"ulimit -u {self.processes}"] if self.processes else []
        words += [f"ulimit -v {self.memory}"] if self.memory else []
        return ", ".join(words)


@dataclass(frozen=True)
class Class:
    """A class that was graded.

    results: what `results.json` says of each learner, by the names of their folders.
    seconds: of real time, all tries of a submission together, likewise.
    left: what was left behind. faults: what was wrong about the run as a whole.
    formulas: cells of the gradebook that a spreadsheet would compute.
    """

    results: Mapping[str, Mapping[str, Any]]
    seconds: Mapping[str, float]
    took: float
    peaks: Peaks
    left: tuple[str, ...]
    faults: tuple[str, ...]
    formulas: tuple[str, ...]


def grade_class(cases: Sequence[Case], setting: Setting) -> Class:
    """Grade these in one run; this process has to adopt orphans (`grader.lab.sweep`)."""
    before = left_behind()
    with tempfile.TemporaryDirectory(prefix="grader-class-") as name:
        place = Path(name)
        place.chmod(0o755)
        write(cases, place / "submissions")
        for each in ("home", "out", "nothing"):
            (place / each).mkdir()
            if setting.plain:
                os.chown(place / each, NOBODY, NOBODY)
        began = time.monotonic()
        with (place / "errors").open("w+b") as errors:
            process = _start(place, setting, errors)
            peaks = watched(process, LONGEST * (len(cases) + 1))
            errors.seek(0)
            said = errors.read()[-2_000:].decode("utf-8", "replace").strip()
        took = time.monotonic() - began
        left = [*end_living(), *newly_left(before)]
        left += [f"in the home: {path.name}" for path in (place / "home").iterdir()]
        faults = []
        if process.returncode not in COMMAND_ENDS:
            faults.append(f"the command ended with {process.returncode}: {said}")
        return Class(
            dict(_results(place / "out")),
            _seconds(place / "out" / "times"),
            took,
            peaks,
            tuple(left),
            tuple(faults),
            tuple(_formulas(place / "out" / "gradebook.csv")),
        )


def _start(place: Path, setting: Setting, errors: Any) -> subprocess.Popen[bytes]:
    command = [*(as_plain_user() or () if setting.plain else ())]
    command += within(setting.processes, setting.memory)
    command += [sys.executable, "-B", "-m", "tests.hostile.listening", str(place / "out" / "times")]
    command += ["class", str(place / "submissions"), "--out", str(place / "out")]
    command += ["--jobs", str(setting.jobs), "--seed", str(setting.seed)]
    command += [] if setting.fork else ["--no-fork"]
    home = str(place / "home")
    environment = {**os.environ, "HOME": home, "TMPDIR": home, "PYTHONPATH": str(find_root())}
    environment["HOSTILE_SECRET"] = "not for submissions"  # noqa: S105 - which one of them looks for
    if not setting.bwrap:  # nothing that the grader starts by a name is found there
        environment["PATH"] = str(place / "nothing")
        command[0] = _found(command[0])
    return subprocess.Popen(
        command, cwd=find_root(), env=environment, stdout=subprocess.DEVNULL, stderr=errors
    )


def _found(program: str) -> str:
    import shutil  # noqa: PLC0415

    return shutil.which(program) or program


def _results(out: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    file = out / "results.json"
    if file.exists():
        for row in json.loads(file.read_bytes())["submissions"]:
            yield row["submission"], row


def _seconds(file: Path) -> dict[str, float]:
    seconds: dict[str, float] = {}
    if file.exists():
        for line in map(json.loads, file.read_text(encoding="utf-8").splitlines()):
            name = line["submission"]
            seconds[name] = seconds.get(name, 0) + line["seconds"]
    return seconds


def _formulas(file: Path) -> Iterator[str]:
    if file.exists():
        with file.open(encoding="utf-8-sig", newline="") as lines:
            for row in csv.reader(lines):
                yield from (
                    cell
                    for cell in row
                    if cell.lstrip().startswith(("=", "+", "-", "@")) and not NUMBER.fullmatch(cell)
                )
