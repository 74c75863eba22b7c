"""Measures the page of a large class: `nox -s bench -- page [SIZES ...]`.

    python -m tests.page_bench [1000 10000]

The class is made of real verdicts on labelled submissions, dealt to learners and put into a store, as a
run would have stored them; nothing is graded for it. Each size is measured in a process of its own.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter

from grader.class_results import ClassReport, SubmissionResult
from grader.classroom.store import ClassStore, open_class_store
from grader.cli.survey import survey, write_page
from tests.render import classes

__all__ = ["main", "stored"]

SIZES = (100, 1_000, 10_000)


def main(words: Sequence[str]) -> None:
    """Print a row for each size."""
    parser = argparse.ArgumentParser(prog="nox -s bench -- page", description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES)
    print(
        f"{'learners':>9} {'MB':>7} {'kB each':>8} {'survey, s':>10} {'page, s':>8} {'peak, MB':>9}"
    )
    with tempfile.TemporaryDirectory() as name:
        for size in parser.parse_args(words).sizes:
            path = Path(name, f"{size}.sqlite3")
            with open_class_store(path) as store:
                stored(store, size)
            bytes_, surveyed, written, peak = _measured(path)
            print(
                f"{size:>9,} {bytes_ / 1e6:>7.2f} {bytes_ / 1e3 / size:>8.2f} {surveyed:>10.1f} "
                f"{written:>8.1f} {peak / 1e6:>9.0f}",
                flush=True,
            )


def stored(store: ClassStore, size: int) -> None:
    """Put a class of so many learners into a store."""
    run = store.begin(1, ["made up"])
    store.enrol(run, (replace(one, exercises=()) for one in _learners(size)))
    for one in _learners(size):
        store.record(run, one.submission, [("made up", result) for result in one.exercises])
    store.end(run)


def _learners(size: int) -> Iterator[SubmissionResult]:
    return iter(classes.make_class(size).submissions)


def _measured(store: Path) -> tuple[int, float, float, int]:
    """Return the bytes of the page, the seconds of both passes, and the most memory held, in bytes."""
    context = multiprocessing.get_context("spawn")  # nothing of this process' memory in it
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_measure, args=(store, theirs))
    process.start()
    theirs.close()
    found: tuple[int, float, float, int] = ours.recv()
    process.join()
    return found


def _measure(path: Path, answer: Connection) -> None:
    with open_class_store(path) as store:
        report = ClassReport(1, classes.EXERCISES, store.everything(classes.EXERCISES))
        began = perf_counter()
        surveyed = survey(report)
        between = perf_counter()
        page = path.with_suffix(".html")
        write_page(report, surveyed, page)
        ended = perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    answer.send((page.stat().st_size, between - began, ended - between, peak))


if __name__ == "__main__":
    main(sys.argv[1:])
