"""The session: makes all mutants, has them graded, and prints what became of them.

Exits with 1 when a mutant survived without an explanation, could not be graded, or when the list of
survivors names one that is killed or is not made any more.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from grader.render.words import short
from tests.corpus import EXERCISES
from tests.mutants.making import Mutant, mutants_of_solution
from tests.mutants.survivors import Kept, explained, load, stale
from tests.mutants.trial import Fate, Verdict, tried

COLUMNS = ("made", "killed", "explained", "unexplained", "ungraded")


@dataclass
class Tally:
    """Counts what became of the mutants, by exercise and by operator, and what is wrong."""

    kept: Sequence[Kept]
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)
    survived: list[str] = field(default_factory=list)

    def add(self, verdict: Verdict, first_seed: int) -> None:
        """Count one verdict, and remember what a person has to look at."""
        mutant, fate = verdict.mutant, verdict.fate
        what = {Fate.STOPPED: "killed", Fate.UNGRADED: "ungraded"}.get(fate, "killed")
        if fate is Fate.SURVIVED:
            self.survived.append(mutant.name)
            what = "explained" if explained(self.kept, mutant.name) else "unexplained"
        for row in (mutant.exercise, mutant.operator, "all"):
            self.counts[row, "made"] += 1
            self.counts[row, what] += 1
        if what in ("unexplained", "ungraded"):
            self.remarks.append(f"{what} (line {mutant.line}): {mutant.name} [{verdict.said}]")
        elif fate is Fate.STOPPED:
            self.remarks.append(f"killed by a limit only: {mutant.name} [{verdict.said}]")
        elif fate is Fate.KILLED and verdict.seed != first_seed:
            self.remarks.append(f"killed with seed {verdict.seed} only: {mutant.name}")

    @property
    def wrong(self) -> int:
        """How many mutants are unexplained or ungraded."""
        return self.counts["all", "unexplained"] + self.counts["all", "ungraded"]

    def table(self) -> str:
        """The counts, a line for each exercise, each operator, and all together."""
        operators = sorted({row for row, _ in self.counts} - {*EXERCISES, "all"})
        lines = [" " * 22 + "".join(f"{column:>13}" for column in COLUMNS)]
        for row in (*EXERCISES, *operators, "all"):
            if self.counts[row, "made"]:
                cells = (self.counts[row, column] for column in COLUMNS)
                lines.append(f"{row:22}" + "".join(f"{cell:>13}" for cell in cells))
        return "\n".join(lines)


def main() -> int:
    """Print the remarks and the counts; exit with 1 when something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    names = [short(exercise) for exercise in EXERCISES]
    parser.add_argument("--only", default="", choices=names, help="the mutants of one exercise")
    parser.add_argument("--seeds", type=int, default=4, help="for those that survive the first")
    parser.add_argument("--jobs", type=int, default=min(4, os.cpu_count() or 1))
    options = parser.parse_args()
    began = time.perf_counter()
    mutants = _made(options.only)
    tally = Tally([_of(one, options.only) for one in load()])
    seeds = range(1, options.seeds + 1)
    for done, verdict in enumerate(tried(mutants, seeds, jobs=options.jobs), 1):
        tally.add(verdict, seeds[0])
        if sys.stderr.isatty():
            print(f"\r{done} of {len(mutants)}", end="", file=sys.stderr, flush=True)
    wrong = stale(tally.kept, [one.name for one in mutants], tally.survived)
    print(*tally.remarks, *(f"the list of survivors is stale: {one}" for one in wrong), sep="\n")
    print(tally.table())
    print(f"{options.seeds} seeds, {time.perf_counter() - began:.0f} s")
    return 1 if wrong or tally.wrong else 0


def _made(only: str) -> list[Mutant]:
    chosen = [exercise for exercise in EXERCISES if only in ("", short(exercise))]
    return [mutant for exercise in chosen for mutant in mutants_of_solution(exercise)]


def _of(kept: Kept, only: str) -> Kept:
    """The part of an entry that is about these exercises."""
    begins = (f"{only} " if only else "", "...")
    return Kept(kept.reason, tuple(name for name in kept.names if name.startswith(begins)))


if __name__ == "__main__":
    sys.exit(main())
