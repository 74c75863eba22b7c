"""Grades the hostile submissions in the sandbox, beside a right one, and says as JSON what came of it.

    python -m tests.hostile.judged [--no-fork] [--no-bwrap] [--seed N] [--part K/N] [--port P]

A line for each: its slug, its verdict, and what was wrong about the grading, if anything was. It runs
as whoever starts it; `tests/test_hostile.py` starts it as root and as a plain user. `nox -s hostile`
runs all of it, for every user and on both hosts.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from grader import judge
from grader.course.catalog import find_root, resolve
from grader.lab.sweep import adopt_orphans
from grader.results import ExerciseResult, Outcome
from grader.runner import learner
from grader.runner.sandbox import Sandbox, probe
from tests.corpus import EXERCISES
from tests.hostile.cases import known_cases
from tests.hostile.leftovers import living

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
    for batch in list(_batches(list(_files(options.port))))[part::parts]:
        for line in _grade(batch, sandbox, options.seed, fork=options.fork):
            sys.stdout.write(json.dumps(line) + "\n")


@dataclass(frozen=True)
class _File:
    """One exercise of a case."""

    slug: str
    exercise: str
    verdict: str
    source: bytes


def _files(port: int) -> Iterator[_File]:
    for case in known_cases(port):
        for exercise, source in case.sources.items():
            yield _File(case.slug, exercise, case.verdicts[exercise], source)


def _batches(hostile: Sequence[_File]) -> Iterator[list[_File]]:
    """As many of different exercises at a time as leave one for the right submission beside them."""
    waiting = list(hostile)
    while waiting:
        batch: dict[str, _File] = {}
        for one in waiting:
            if len(batch) < len(EXERCISES) - 1:
                batch.setdefault(one.exercise, one)
        yield list(batch.values())
        waiting = [one for one in waiting if one not in batch.values()]


def _grade(
    batch: Sequence[_File], sandbox: Sandbox, seed: int, *, fork: bool
) -> Iterator[dict[str, Any]]:
    beside = next(name for name in EXERCISES if name not in [one.exercise for one in batch])
    solution = find_root() / "solutions" / f"{beside}.py"
    with TemporaryDirectory() as name:
        folder = Path(name)
        for one in batch:
            (folder / f"{one.exercise}.py").write_bytes(one.source)
        (folder / f"{beside}.py").write_bytes(solution.read_bytes())
        names = [*(one.exercise for one in batch), beside]
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
    if left := living():
        common.append(f"processes left: {left}")
    for one, result in zip(batch, results, strict=True):
        yield _line(one, result, common)


def _allowed(verdict: str) -> tuple[Outcome, ...]:
    return HONEST if verdict == "reject" else (*HONEST, Outcome.PASSED)


def _line(one: _File, result: ExerciseResult, wrong: Sequence[str]) -> dict[str, Any]:
    first = result.first_failure
    message = first.message if first is not None else result.note
    faults = list(wrong)
    if one.verdict == "accept" and result.outcome is not Outcome.PASSED:
        faults.append(f"refused: {message}")
    if one.verdict != "accept" and result.outcome not in _allowed(one.verdict):
        faults.append(f"came out as {result.outcome}: {result.note}")
    if result.outcome is not Outcome.PASSED and not message:
        faults.append("nobody says why it did not pass")
    return {
        "slug": one.slug,
        "exercise": one.exercise,
        "outcome": result.outcome,
        "why": first.why if first is not None else None,
        "message": message,
        "flags": result.flags,
        "wrong": faults,
    }


if __name__ == "__main__":
    main(sys.argv[1:])
