"""Proves at length what the tests show of class mode on a sample (`nox -s proofs -- class`).

    python -m tests.class_proofs [--kills 50] [--learners 1000] [--crowd 10000]

A class that is killed at random moments and resumed ends with the files of an undisturbed run; a large
one, made from the labelled submissions, is graded without a fault, with the verdicts given alone. A crowd
hands in one file each: equal files get equal verdicts, all files of the class agree, and the memory of
the main process does not grow with the class.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from grader.course.catalog import tracks
from grader.export.to_json import exercise_data
from grader.results import Outcome
from tests.classroom.support import Command, files_of, hand_in, kill_and_resume, sample, undisturbed
from tests.corpus import EXERCISES, Labelled, load
from tests.goldens import steady
from tests.grading import grade_corpus

__all__ = ["main"]

SEED = 20260
EACH = 5  # exercises of each learner in a large class
_LESSON = [entry.id for entry in tracks()["lesson"]]


def main(words: Sequence[str]) -> int:
    """Print the counts, a line each; return 1 unless all are zero."""
    parser = argparse.ArgumentParser(prog="nox -s proofs -- class", description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--learners", type=int, default=1000)
    parser.add_argument("--crowd", type=int, default=0, help="learners with one file each")
    options = parser.parse_args(words)
    wrong = 0
    if options.kills:
        different = _kills(options.kills)
        print(f"{options.kills} runs killed and resumed: {different} end with other files")
        wrong += different
    if options.learners:
        ungraded, otherwise = _large(options.learners)
        print(f"{options.learners} learners: {ungraded} ungraded, {otherwise} verdicts differ")
        wrong += ungraded + otherwise
    if options.crowd:
        wrong += _crowd(options.crowd)
    return 1 if wrong else 0


def _kills(count: int) -> int:
    """How many of so many killed runs do not end with the files of an undisturbed one."""
    with tempfile.TemporaryDirectory() as name:
        command = Command(Path(name))
        for one in sample(12):
            hand_in(command.submissions, one.id, {one.exercise: one.path.read_bytes()})
        expected = undisturbed(command)
        different = 0
        for number in range(count):
            command.out = Path(name, f"out-{number}")
            kill_and_resume(command, random.Random(number))
            found = files_of(command.out)
            if found != expected:
                different += 1
                print(f"  run {number}: {'; '.join(_differences(expected, found))}")
        return different


def _differences(expected: Any, found: Any, where: str = "") -> Iterator[str]:
    """Where two structures of JSON differ, and in what."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted({*expected, *found}):
            yield from _differences(expected.get(key), found.get(key), f"{where}/{key}")
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for place, pair in enumerate(zip(expected, found, strict=True)):
            yield from _differences(*pair, f"{where}/{place}")
    elif expected != found and not where.endswith(".md"):
        yield f"{where}: {expected!r} became {found!r}"[:500]


def _large(count: int) -> tuple[int, int]:
    """Of a class of so many: the exercises left ungraded, and verdicts other than those alone."""
    corpus = [one for one in load() if one.label in ("right", "wrong")]
    alone = {one.id: result for one, result in grade_corpus(corpus, SEED)}
    class_ = _class(corpus, count)
    with tempfile.TemporaryDirectory() as name:
        command = Command(Path(name))
        command.patience = 300 + 5.0 * count
        for learner, work in class_.items():
            modules = {one.exercise: one.path.read_bytes() for one in work}
            hand_in(command.submissions, learner, modules)
        command.grade("--seed", str(SEED))
        results = {one["submission"]: one["exercises"] for one in command.results()["submissions"]}
    rows = [row for exercises in results.values() for row in exercises]
    ungraded = sum(row["outcome"] == Outcome.UNGRADED for row in rows)
    otherwise = 0
    for learner, work in class_.items():
        for one in work:
            here = _brief(results[learner][EXERCISES.index(one.exercise)])
            there = _brief(exercise_data(alone[one.id]))
            if here != there:
                otherwise += 1
                differences = _differences(list(there), list(here))
                print(f"  {learner}, {one.id}: {'; '.join(differences)}", flush=True)
    return ungraded, otherwise


def _crowd(count: int) -> int:
    """Grade so many learners with one file each; returns how much of it is not as it should be."""
    corpus = [one for one in load() if one.label in ("right", "wrong") and one.exercise in _LESSON]
    handed = dict(zip(map("learner-{:05}".format, range(count)), cycle(corpus), strict=False))
    with tempfile.TemporaryDirectory() as name:
        command = Command(Path(name))
        for learner, one in handed.items():
            source = one.path.read_bytes() + f"# {learner}\n".encode()  # no two are the same file
            hand_in(command.submissions, learner, {one.exercise: source})
        process = command.start(
            *(str(command.submissions), "--seed", str(SEED), "--jobs", "1"), quiet=True
        )
        held = []
        while process.poll() is None:
            held.append(_resident(process.pid))
            time.sleep(1)
        results = command.results()["submissions"]
        gradebook = (command.out / "gradebook.csv").read_text(encoding="utf-8").splitlines()
        page = (command.out / "report.html").stat().st_size
    quarter = len(held) // 4 or 1
    most = [max(held[start : start + quarter]) >> 20 for start in range(0, 4 * quarter, quarter)]
    print(f"{count} learners: {len(held)} s, the most MB held in each quarter: {most}")
    print(f"  the page has {page / 1e6:.1f} MB, the gradebook {len(gradebook)} lines")
    told: dict[str, set[str]] = defaultdict(set)
    ungraded = 0
    for one in results:
        labelled = handed[one["submission"]]
        row = one["exercises"][EXERCISES.index(labelled.exercise)]
        ungraded += row["outcome"] == Outcome.UNGRADED
        told[labelled.id].add(json.dumps(_brief(row)))
    otherwise = sum(len(found) > 1 for found in told.values())
    missing = abs(len(results) - count) + abs(len(gradebook) - 1 - count)
    print(f"  {missing} missing, {ungraded} ungraded, {otherwise} files told in two ways")
    wrong: int = missing + ungraded + otherwise + abs(process.returncode)
    return wrong


def _resident(pid: int) -> int:
    """The bytes of memory that a process holds (proc(5), `statm`); 0 once it has ended."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _class(corpus: Sequence[Labelled], count: int) -> dict[str, list[Labelled]]:
    """So many learners with `EACH` exercises in turn, all of the corpus over and over."""
    piles = {name: cycle([one for one in corpus if one.exercise == name]) for name in EXERCISES}
    turns = cycle(EXERCISES)
    return {
        f"learner-{number:04}": [next(piles[name]) for name in islice(turns, EACH)]
        for number in range(count)
    }


def _brief(row: dict[str, Any]) -> tuple[Any, ...]:
    """A verdict without what is another in each process: numbers of processes and ends of addresses."""
    checks = [
        [c["outcome"], c["why"], c["misconception"], steady(c["misconception"], c["message"])]
        for c in row["checks"]
    ]
    return row["outcome"], row["score"], checks


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
