"""Kills a writer of the store at random moments, and looks whether anything that it had said is lost."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

from grader.course.catalog import find_root
from grader.practice.progress import open_store

__all__ = ["kill_while_writing"]

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
