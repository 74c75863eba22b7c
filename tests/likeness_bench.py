"""Measures how long it takes to find what looks alike: `nox -s bench -- alike [SIZES ...]`.

    python -m tests.likeness_bench [200 1000 10000]

All files are different and long, as the worst class has them: none repeats another, a tenth copies one
under other names, and each adds some five hundred shingles to the stub.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from time import perf_counter, process_time

from grader.class_results import SubmissionResult
from grader.classroom.likeness import Comparison
from grader.course import catalog
from grader.results import ExerciseResult

__all__ = ["main"]

SIZES = (200, 1_000, 5_000)
LINES = 120
COPIES = 10  # of a hundred


def main(words: Sequence[str]) -> None:
    """Print a row for each size: seconds of the processor, for reading and for finding pairs."""
    parser = argparse.ArgumentParser(prog="nox -s bench -- alike", description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES)
    print(f"{'files':>7} {'read, s':>8} {'pairs, s':>9} {'ms a file':>10} {'groups':>7}")
    for size in parser.parse_args(words).sizes:
        _measure(size)


def _measure(size: int) -> None:
    exercise = next(iter(catalog.exercises())).id
    comparison = Comparison({exercise: catalog.pristine(exercise)})
    began = process_time()
    for name, source in enumerate(_sources(size)):
        result = ExerciseResult(exercise, exercise, 1, source=source)
        comparison.add(SubmissionResult(f"{name}", (result,)))
    read = process_time()
    groups = comparison.groups()
    ended = process_time()
    each = 1_000 * (ended - began) / size
    print(
        f"{size:>7,} {read - began:>8.1f} {ended - read:>9.2f} {each:>10.2f} {len(groups):>7}",
        flush=True,
    )


def _sources(size: int) -> list[str]:
    draw = random.Random(1)
    found: list[str] = []
    for number in range(size):
        if number and number % 100 < COPIES:
            found.append(draw.choice(found).replace("value", f"thing{number}"))
        else:
            found.append(_source(draw))
    return found


def _source(draw: random.Random) -> str:
    """A file of its own: statements of a few forms, as all Python has them."""
    forms = (
        "    value{a} = await call_{b}(value{b}, {c})",
        "    if value{a} > {c}: raise ValueError({b})",
        "    for value{a} in range({c}, {b}): queue.put_nowait(value{a} + {c})",
        "    value{a} = [value{b}.attr{a} * {c}, {b}]",
    )
    lines = [
        draw.choice(forms).format(a=draw.randrange(9), b=draw.randrange(99), c=draw.random())
        for _ in range(LINES)
    ]
    return "async def run():\n" + "\n".join(lines) + "\n"


if __name__ == "__main__":
    began = perf_counter()
    main(sys.argv[1:])
    print(f"{perf_counter() - began:.0f} s in all")
