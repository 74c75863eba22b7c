"""Grades the hostile submissions in the sandbox, beside a right one, and says as JSON what came of it.

    python -m tests.hostile [--no-fork] [--no-bwrap] [--seed N] [--part K/N] [--port P]

A line for each: its slug, its verdict, and what was wrong about the grading, if anything was. It runs
as whoever starts it; `tests/test_hostile.py` starts it as root and as a plain user. `nox -s hostile`
runs all of it, for every user and on both hosts. Some are made here: those too large for a
repository, and those that need to know a port to connect to.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from grader import judge
from grader.catalog import find_root, resolve
from grader.lab.sweep import adopt_orphans, children
from grader.results import ExerciseResult, Outcome
from grader.runner import learner
from grader.runner.sandbox import Sandbox, probe
from grader.runner.watch import has_ended
from tests.corpus import EXERCISES, Labelled, load

RIGHT = "ex5_fix_task_done"  # no hostile submission stands in for it
HONEST = (Outcome.FAILED, Outcome.NOT_STARTED)


def main(arguments: Sequence[str]) -> None:
    """Print a line for each submission."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--no-fork", dest="fork", action="store_false")
    parser.add_argument("--no-bwrap", dest="bwrap", action="store_false")
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--part", default="0/1")
    parser.add_argument("--port", type=int, default=9)
    options = parser.parse_args(arguments)
    learner.CPU_LIMIT, learner.CPU_LIMIT_AFTER = 0.6, 0.3  # they do nothing but reach them
    layers = probe()
    if layers.reason() is not None:
        sys.exit(layers.reason())
    # Bubblewrap surrounds a server only: it would stand for the other host.
    bwrap = layers.sandbox.bwrap and options.bwrap and options.fork
    sandbox = replace(layers.sandbox, bwrap=bwrap)
    adopt_orphans()  # whatever escapes from the grader ends up with us
    part, parts = map(int, options.part.split("/"))
    with TemporaryDirectory() as name:
        made = list(_made(Path(name), options.port))
        hostile = [*made, *(one for one in load() if one.label == "hostile")]
        for batch in list(_batches(hostile))[part::parts]:
            for line in _grade(batch, sandbox, options.seed, fork=options.fork):
                sys.stdout.write(json.dumps(line) + "\n")


_CONNECTS = """
import asyncio, socket, urllib.request
PORT = {port}

def escaped():
    async def open_connection():
        await asyncio.open_connection("127.0.0.1", PORT)
    tries = (
        lambda: socket.create_connection(("127.0.0.1", PORT)),
        lambda: asyncio.run(open_connection()),
        lambda: urllib.request.urlopen(f"http://127.0.0.1:{{PORT}}/"),
        lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", PORT)),
        lambda: socket.create_server(("127.0.0.1", 0)),
    )
    for attempt in tries:
        try:
            attempt()
            return True
        except OSError:
            pass
    return False

if not escaped():
    raise RuntimeError("held back")
"""


def _made(folder: Path, port: int) -> Iterator[Labelled]:
    """Submissions that are in no file."""
    exercise = "ex1_add_maxsize"
    solution = (find_root() / "solutions" / f"{exercise}.py").read_text(encoding="utf-8")
    sources = {
        "connects_to_a_listener": (_CONNECTS.format(port=port) + solution, "reject"),
        "five_megabytes_of_comments": (solution + "# 45678\n" * 655_360, "either"),
        "hundred_thousand_lines": (solution + "x = 1\n" * 100_000, "either"),
        "an_empty_file": ("", "reject"),
    }
    for slug, (source, verdict) in sources.items():
        path = folder / f"{slug}.py"
        path.write_text(source, encoding="utf-8")
        yield Labelled(path, exercise, "hostile", None, verdict, "")


def _batches(hostile: Sequence[Labelled]) -> Iterator[list[Labelled]]:
    """One submission for each exercise at a time."""
    piles = [[one for one in hostile if one.exercise == exercise] for exercise in EXERCISES]
    for batch in zip_longest(*piles):
        yield [one for one in batch if one is not None]


def _grade(
    batch: Sequence[Labelled], sandbox: Sandbox, seed: int, *, fork: bool
) -> Iterator[dict[str, Any]]:
    solution = find_root() / "solutions" / f"{RIGHT}.py"
    with TemporaryDirectory() as name:
        folder = Path(name)
        for path, exercise in [(one.path, one.exercise) for one in batch] + [(solution, RIGHT)]:
            (folder / f"{exercise}.py").write_bytes(path.read_bytes())
        names = [*(one.exercise for one in batch), RIGHT]
        report = judge.grade(
            [resolve(one) for one in names],
            folder,
            seed=seed,
            fork=fork,
            sandbox=sandbox,
            flagged=True,
        )
        touched = sorted(path.name for path in folder.iterdir() if path.stem not in names)
    *results, right = report.exercises
    common = []
    if right.outcome is not Outcome.PASSED or right.flags:
        common.append(f"the right one beside it: {right.outcome}, {right.note}, {right.flags}")
    if touched:
        common.append(f"files beside it: {touched}")
    if left := _living():
        common.append(f"processes left: {left}")
    for one, result in zip(batch, results, strict=True):
        yield _line(one, result, common)


def _living() -> list[int]:
    """The processes that were left to us; one that is just ending has a moment."""
    patience = 200
    while (living := [pid for pid in children() if not has_ended(pid)]) and patience:
        patience -= 1
        time.sleep(0.01)
    return living


def _line(one: Labelled, result: ExerciseResult, wrong: Sequence[str]) -> dict[str, Any]:
    first = result.first_failure
    message = first.message if first is not None else result.note
    faults = list(wrong)
    if one.verdict == "accept" and result.outcome is not Outcome.PASSED:
        faults.append(f"refused: {message}")
    if one.verdict == "reject" and result.outcome not in HONEST:
        faults.append(f"came out as {result.outcome}: {result.note}")
    if result.outcome is not Outcome.PASSED and not message:
        faults.append("nobody says why it did not pass")
    return {
        "slug": one.slug,
        "outcome": result.outcome,
        "why": first.why if first is not None else None,
        "message": message,
        "flags": result.flags,
        "wrong": faults,
    }


if __name__ == "__main__":
    main(sys.argv[1:])
