"""Measures the verdicts over the labelled submissions, with many seeds (`nox -s accuracy`).

    python -m tests.accuracy [--seeds 20] [--first 1] [--exercise ex3] [--load 4] [--limit 2] [--verbose]

Prints a table, a line for each exercise:

    right, rejected     right submissions, and those of them that did not pass (false rejects)
    wrong, accepted     wrong submissions, and those of them that passed (false accepts)
    ungraded            verdicts that the grader itself failed to reach
    named, as labelled  wrong ones whose first finding has a name, and the one in their header
    unsteady            submissions whose verdict was another with another seed
    apart               those whose numbers of passed checks differ by more than one between seeds
    hint lines          the median number of lines, 80 columns wide, of each hint level that was drawn
    seconds             what the checks took; the line below says how long all of it took

All but the last four count verdicts, over all seeds. `--load N` keeps N processes spinning beside it;
`--limit` is the processor time that a request may take, in seconds: less than the grader's own, which
makes it harder for right submissions, and wrong ones that spin take less of the night. `--verbose` lists
what differs from the headers. Exits with 1 unless all is as labelled and steady.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
import time
from collections import Counter, defaultdict
from statistics import median

from grader.results import ExerciseResult, Outcome
from grader.runner import learner
from tests.corpus import EXERCISES, Labelled, load
from tests.grading import grade_corpus
from tests.proofs import busy

__all__ = ["COLUMNS", "Tally", "first_finding"]

COLUMNS = ("right", "rejected", "wrong", "accepted", "ungraded", "named", "as labelled")
BETWEEN_SEEDS = ("unsteady", "apart")  # submissions, each counted once
WIDTH = 76  # of a hint on a screen of 80 columns


def first_finding(result: ExerciseResult) -> str | None:
    """The misconception of the first check that failed."""
    failure = result.first_failure
    return failure.misconception if failure else None


class Tally:
    """Counts of verdicts, by exercise, over all seeds."""

    def __init__(self, *, verbose: bool = False) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._hint_lines: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
        self._verdicts: dict[str, tuple[Outcome, str | None]] = {}
        self._unsteady: set[str] = set()
        self._passed: defaultdict[str, set[int]] = defaultdict(set)  # checks, by submission
        self._verbose = verbose

    def add(self, one: Labelled, result: ExerciseResult) -> None:
        """Count one verdict."""
        failure = result.first_failure
        code = first_finding(result)
        self._count(one, one.label)
        self.seconds[one.exercise] += result.wall_ms / 1000
        self._compare(one, (result.outcome, code))
        self._spread(one, sum(check.outcome is Outcome.PASSED for check in result.checks))
        for level, hint in enumerate(failure.hints if failure else ()):
            self._hint_lines[one.exercise, level].append(len(textwrap.wrap(hint, WIDTH)))
        if result.outcome is Outcome.UNGRADED:
            self._count(one, "ungraded", result.note)
        elif one.label == "right" and result.outcome is not Outcome.PASSED:
            self._count(one, "rejected", failure.message if failure else result.note)
        elif one.label == "wrong" and result.outcome is Outcome.PASSED:
            self._count(one, "accepted", "passed")
        elif one.label == "wrong":
            self._count(one, "named" if code else "unnamed")
            same = code == one.misconception
            self._count(one, "as labelled" if same else "otherwise", "" if same else f"{code}")

    def _compare(self, one: Labelled, verdict: tuple[Outcome, str | None]) -> None:
        if self._verdicts.setdefault(one.id, verdict) != verdict and one.id not in self._unsteady:
            self._unsteady.add(one.id)
            self._count(one, "unsteady", f"{self._verdicts[one.id]}, then {verdict}")

    def _spread(self, one: Labelled, passed: int) -> None:
        known = self._passed[one.id]
        before = max(known, default=passed) - min(known, default=passed)
        known.add(passed)
        if max(known) - min(known) > 1 >= before:
            self._count(one, "apart", f"passes {min(known)} to {max(known)} checks")

    def _count(self, one: Labelled, what: str, say: str = "") -> None:
        self.counts[one.exercise, what] += 1
        if say and (self._verbose or what != "otherwise"):
            print(f"{one.id} ({one.misconception}): {what}: {say}", flush=True)

    def total(self, *what: str) -> int:
        """The sum of these counts over all exercises."""
        return sum(n for (_, kind), n in self.counts.items() if kind in what)

    @property
    def perfect(self) -> bool:
        """True when no verdict is wrong or unsteady, and each wrong submission is rightly named."""
        wrong = ("accepted", "rejected", "ungraded", "otherwise", "unnamed")
        return not self.total(*wrong, *BETWEEN_SEEDS)

    def table(self) -> str:
        """The counts, a line for each exercise, and one for all."""
        head = "".join(
            f"{column:>12}" for column in (*COLUMNS, *BETWEEN_SEEDS, "hint lines", "seconds")
        )
        widest = max(map(len, EXERCISES))
        lines = [" " * widest + head]
        for exercise in EXERCISES:
            row = [str(self.counts[exercise, column]) for column in (*COLUMNS, *BETWEEN_SEEDS)]
            row += [self._median_lines(exercise), f"{self.seconds[exercise]:.0f}"]
            lines.append(f"{exercise:{widest}}" + "".join(f"{cell:>12}" for cell in row))
        total = [str(self.total(column)) for column in (*COLUMNS, *BETWEEN_SEEDS)]
        total += ["", f"{sum(self.seconds.values()):.0f}"]
        lines.append(f"{'all':{widest}}" + "".join(f"{cell:>12}" for cell in total))
        return "\n".join(lines)

    def _median_lines(self, exercise: str) -> str:
        levels = (self._hint_lines[exercise, level] for level in range(3))
        return " ".join(f"{median(lines):g}" for lines in levels if lines)


def main() -> int:
    """Print the table; exit with 1 unless it is perfect."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=1, help="the first of the seeds")
    parser.add_argument("--exercise", default="", help="only those whose id begins so")
    parser.add_argument("--load", type=int, default=0, help="how many busy processes beside it")
    parser.add_argument("--limit", type=float, default=2.0, help="processor seconds for a request")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    corpus = [
        one
        for one in load()
        if one.label in ("right", "wrong") and one.exercise.startswith(options.exercise)
    ]
    if not corpus:
        parser.error(f"no exercise begins with {options.exercise!r}")
    learner.CPU_LIMIT, learner.CPU_LIMIT_AFTER = options.limit, options.limit / 2
    tally = Tally(verbose=options.verbose)
    began = time.perf_counter()
    with busy(options.load):
        for seed in range(options.first, options.first + options.seeds):
            for one, result in grade_corpus(corpus, seed):
                tally.add(one, result)
    print(tally.table())
    python = ".".join(map(str, sys.version_info[:3]))
    took = time.perf_counter() - began
    print(
        f"{options.seeds} seeds, {took:.0f} s, Python {python}, beside {options.load} busy processes"
    )
    return 0 if tally.perfect else 1


if __name__ == "__main__":
    sys.exit(main())
