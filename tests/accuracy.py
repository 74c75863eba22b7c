"""Measures the verdicts over the labelled submissions, with many seeds (`nox -s accuracy`).

    python -m tests.accuracy [--seeds 20] [--verbose]

Prints a table per exercise: right and wrong submissions, false rejects and accepts, ungraded ones, how
many wrong ones drew a named misconception first, how many drew the one in their header, and the time.
`--verbose` lists what differs from the headers.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from grader.results import ExerciseResult, Outcome
from tests.corpus import EXERCISES, Labelled, load
from tests.grading import grade_corpus

__all__ = ["Tally"]

COLUMNS = ("right", "rejected", "wrong", "accepted", "ungraded", "named", "as labelled")


class Tally:
    """Counts of verdicts, by exercise, over all seeds."""

    def __init__(self, *, verbose: bool = False) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self._verbose = verbose

    def add(self, one: Labelled, result: ExerciseResult) -> None:
        """Count one verdict."""
        failure = result.first_failure
        code = failure.misconception if failure else None
        self._count(one, one.label)
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

    def _count(self, one: Labelled, what: str, say: str = "") -> None:
        self.counts[one.exercise, what] += 1
        if say and (self._verbose or what != "otherwise"):
            print(f"{one.id} ({one.misconception}): {what}: {say}")

    @property
    def wrong_verdicts(self) -> int:
        """False accepts, false rejects and ungraded ones."""
        what = ("accepted", "rejected", "ungraded")
        return sum(n for (_, kind), n in self.counts.items() if kind in what)

    def table(self) -> str:
        """The counts, a line for each exercise."""
        lines = [" " * 22 + "".join(f"{column:>13}" for column in COLUMNS)]
        for exercise in EXERCISES:
            row = "".join(f"{self.counts[exercise, column]:>13}" for column in COLUMNS)
            lines.append(f"{exercise:22}{row}")
        return "\n".join(lines)


def main() -> int:
    """Print the table; exit with 1 when a verdict is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    corpus = [one for one in load() if one.label in ("right", "wrong")]
    tally = Tally(verbose=options.verbose)
    began = time.perf_counter()
    for seed in range(1, options.seeds + 1):
        for one, result in grade_corpus(corpus, seed):
            tally.add(one, result)
    print(tally.table())
    print(f"{options.seeds} seeds, {time.perf_counter() - began:.0f} s")
    return 1 if tally.wrong_verdicts else 0


if __name__ == "__main__":
    sys.exit(main())
