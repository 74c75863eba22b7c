"""Measures this grader beside others: `nox -s bench -- compared [--tools class,pytest] [--turns 3]`.

All grade the same submissions to one exercise, in turns. Each of the others has an environment of its
own, which is made here. docs/compared.md says what the figures mean.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

from tests.bench import processors
from tests.compared.environments import CannotInstall, installed_here, make, versions
from tests.compared.tools import EXERCISE, TOOLS, UNREADABLE, Class, Tool
from tests.compared.tries import TRIES, Try, tried
from tests.corpus import ROOT as SUBMISSIONS

__all__ = ["main"]

RIGHT, TURNS = 30, 4
WRONG = (  # the exercise's main mistakes, about one for each check
    *("still_unbounded", "maxsize_always_three", "one_consumer_only", "task_done_forgotten"),
    *("no_join", "lifo_queue", "drop_when_full", "falsy_item_stops_consumer"),
    *("time_sleep_while_full", "log_shows_maxsize"),
)
FIGURES = ("tool", "a second", "CPU s each", "right passed", "wrong caught", "measured")


@dataclass(frozen=True)
class Turn:
    """A class graded once: real seconds, those of processors, and how many were judged rightly."""

    seconds: float
    processors: float
    passed: tuple[str, ...]


@dataclass(frozen=True)
class Ready:
    """A tool that can be run, and the Python that has it."""

    tool: Tool
    python: Path
    jobs: int

    def grade(self, submissions: Mapping[str, str]) -> Turn:
        """Grade them once, in an empty folder."""
        passed: dict[str, bool] = {}
        with tempfile.TemporaryDirectory() as name:
            given = Class(Path(name), submissions, self.python, self.jobs)
            start = perf_counter()
            try:
                taken = processors(lambda: passed.update(self.tool.grade(given)))
            except UNREADABLE as why:
                sys.exit(f"{self.tool.name} graded nobody, so nothing is compared: {why}")
            seconds = perf_counter() - start
        return Turn(seconds, taken, tuple(name for name, yes in passed.items() if yes))


def main(words: Sequence[str]) -> None:
    """Print both tables: what was measured, and what was tried."""
    parser = argparse.ArgumentParser(prog="nox -s bench -- compared", description=__doc__)
    parser.add_argument("--tools", type=known, default=list(TOOLS), help=", ".join(TOOLS))
    parser.add_argument("--right", type=count, default=RIGHT, metavar="N")
    parser.add_argument("--wrong", type=int, default=len(WRONG), metavar="N")
    parser.add_argument(
        "--turns", type=count, default=TURNS, metavar="N", help="the first does not count"
    )
    parser.add_argument("--jobs", type=count, default=os.cpu_count(), metavar="N")
    parser.add_argument("--environments", type=Path, metavar="DIR", help="keep them for later runs")
    parser.add_argument(
        "--here", action="store_true", help="use what this Python has; install nothing"
    )
    parser.add_argument("--tries", default=len(TRIES), type=int, metavar="N", help="so many only")
    options = parser.parse_args(words)
    submissions = hand_in(options.right, options.wrong)
    print(machine(len(submissions), options.turns, options.jobs), flush=True)
    with tempfile.TemporaryDirectory() as name:
        ready, missing = [], []
        for key in options.tools:
            tool = TOOLS[key]
            try:
                folder = (options.environments or Path(name)).resolve() / key
                python = installed_here(tool) if options.here else make(tool, folder)
                ready.append(Ready(tool, python, options.jobs))
            except CannotInstall as why:
                missing.append(f"| {tool.name} | not measured: {why} |")
        show(FIGURES, measured(ready, submissions, options.turns), missing)
        tries = TRIES[: options.tries]
        if tries and ready:
            show(
                ("may a submission ...?", *(one.tool.name for one in ready)), answers(ready, tries)
            )


def known(words: str) -> list[str]:
    """The keys of tools in `words`, between commas."""
    keys = words.split(",")
    if strange := [key for key in keys if key not in TOOLS]:
        raise argparse.ArgumentTypeError(
            f"there is no {strange[0]!r}; there are {', '.join(TOOLS)}"
        )
    return keys


def count(word: str) -> int:
    """A number of at least one."""
    if not word.isdecimal() or int(word) < 1:
        raise argparse.ArgumentTypeError(f"{word!r} is no number of 1 or more")
    return int(word)


def hand_in(right: int, wrong: int) -> dict[str, str]:
    """The class: so many right variants, in the order of their names, and so many wrong ones."""
    folder = SUBMISSIONS / EXERCISE.id
    files = [*sorted((folder / "right").glob("*.py"))[:right]]
    files += [folder / "wrong" / f"{name}.py" for name in WRONG[:wrong]]
    return {f"{file.parent.name}_{file.stem}": file.read_text(encoding="utf-8") for file in files}


def measured(
    ready: Sequence[Ready], submissions: Mapping[str, str], turns: int
) -> Iterator[list[str]]:
    """The rows of figures: medians of the turns, in each of which every tool grades once."""
    # The first turn compiles modules and fills caches. It counts only where there is no other.
    rounds = [[one.grade(submissions) for one in ready] for _ in range(turns)]
    rounds = rounds[1:] or rounds
    for one, graded in zip(ready, zip(*rounds, strict=True), strict=True):
        many = len(submissions)
        yield [
            one.tool.name,
            f"{many / median(turn.seconds for turn in graded):.1f}",
            f"{median(turn.processors for turn in graded) / many:.2f}",
            verdicts(graded, submissions, "right"),
            verdicts(graded, submissions, "wrong"),
            versions(one.tool, one.python),
        ]


def verdicts(graded: Sequence[Turn], submissions: Mapping[str, str], label: str) -> str:
    """How many were judged as their label says, in the worst and the best turn; and which were not."""
    names = {name for name in submissions if name.startswith(label)}
    passes = label == "right"
    misjudged = [{one for one in names if (one in turn.passed) != passes} for turn in graded]
    found = sorted({len(names) - len(some) for some in misjudged})
    told = "-".join(str(count) for count in dict.fromkeys((found[0], found[-1])))
    missed = sorted(name.removeprefix(f"{label}_") for name in set().union(*misjudged))
    return f"{told} of {len(names)}" + (f" (not {', '.join(missed)})" if missed else "")


def answers(ready: Sequence[Ready], tries: Sequence[Try]) -> Iterator[list[str]]:
    """The rows of what was tried."""
    for one in tries:
        yield [one.may, *(tried(one, each.tool, each.python, each.jobs) for each in ready)]


def machine(many: int, turns: int, jobs: int) -> str:
    """What it was measured on."""
    cores, load = os.cpu_count(), os.getloadavg()[0]
    return (
        f"{EXERCISE.id}, {many} submissions, {jobs} at once, median of {max(turns - 1, 1)} turns; Python"
        f" {platform.python_version()}, {platform.system()}, {cores} cores, load {load:.1f} before"
    )


def show(head: Sequence[str], rows: Iterator[list[str]], more: Sequence[str] = ()) -> None:
    """Print a table as a page in Markdown has it, a row as soon as it is known."""
    print(f"\n| {' | '.join(head)} |\n|{' --- |' * len(head)}")
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)
    for line in more:
        print(line, flush=True)
