"""Grades modules for the tests: in batches in this process, or by the public command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from grader import judge
from grader.course.catalog import find_root, resolve
from grader.judge.long_session import RunChecks, keep_open
from grader.results import ExerciseResult
from grader.runner.early import hosting
from tests.corpus import EXERCISES, Labelled

__all__ = ["by_command", "grade_corpus", "grade_sources"]


def grade_sources(
    sources: Mapping[str, str | bytes], seed: int = 1, *, fork: bool = True
) -> dict[str, ExerciseResult]:
    """Grade modules given by their text, by the ids of their exercises."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        for exercise, text in sources.items():
            data = text.encode() if isinstance(text, str) else text
            (folder / f"{exercise}.py").write_bytes(data)
        report = judge.grade([resolve(one) for one in sources], folder, seed=seed, fork=fork)
    return {result.exercise: result for result in report.exercises}


def grade_corpus(
    corpus: Iterable[Labelled], seed: int = 1
) -> Iterator[tuple[Labelled, ExerciseResult]]:
    """Grade many submissions, one for each exercise at a time, in one session as in class mode."""
    submissions = list(corpus)
    piles = [[one for one in submissions if one.exercise == exercise] for exercise in EXERCISES]
    found: list[tuple[Labelled, ExerciseResult]] = []

    def examine(run: RunChecks, _faults: Mapping[str, str]) -> None:
        with hosting(fork=True) as host:
            for batch in zip_longest(*piles):
                present = [one for one in batch if one is not None]
                modules = [_module(one) for one in present]
                report = judge.grade_modules(modules, host, seed=seed, run_checks=run)
                found.extend(zip(present, report.exercises, strict=True))

    keep_open([resolve(pile[0].exercise) for pile in piles if pile], examine)
    return iter(found)


def _module(one: Labelled) -> judge.Module:
    return judge.Module(resolve(one.exercise), f"{one.exercise}.py", one.path.read_bytes())


def by_command(
    *arguments: str, python: str = sys.executable, walls: bool = False, **environment: str
) -> tuple[int, Any, str]:
    """Run `python -m grader ... --json -`; returns its exit code, the JSON, and its errors.

    walls: shut in what another folder than the course's holds, which takes a second more.
    """
    trusted = ["--trust-submissions"] if "--from" in arguments and not walls else []
    ran = subprocess.run(
        [python, "-m", "grader", *arguments, *trusted, "--json", "-"],
        cwd=find_root(),
        env={**os.environ, "PYTHONPATH": str(find_root()), **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    return ran.returncode, json.loads(ran.stdout) if ran.stdout.strip() else None, ran.stderr
