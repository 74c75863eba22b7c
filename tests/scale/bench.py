"""Measures `class --dask`: `nox -s bench -- scale [--learners 60] [--sizes 1000 10000]`.

Every submission hands in the lesson's exercises, and all are right. The larger classes are graded by a
pretended grader, which is printed: they show what the rest costs.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from grader.classroom.keys import Keys
from grader.classroom.plan import make_plan
from grader.classroom.run import grade_class
from grader.classroom.store import open_class_store
from grader.course.catalog import Entry, tracks
from grader.intake import take_in
from grader.runner.sandbox import probe
from grader.scale.batch import Asked, Batch, answer_in, batch_bytes
from grader.scale.cluster import Cluster, open_cluster
from grader.scale.dispatch import engine_on
from grader.scale.fleet import open_fleet
from grader.scale.remote import grade_batch, introduce
from tests.bench import LESSON, Row
from tests.class_bench import grade
from tests.scale.support import Dask

__all__ = ["main", "timed"]

LEARNERS = 60
SIZES = (1000, 10_000)
SEED = 1
WAIT = 0.5  # seconds for each submission
PRETEND = Path(__file__).with_name("pretended.py")


def main(words: Sequence[str]) -> None:
    """Print the table, a row as soon as it is measured."""
    parser = argparse.ArgumentParser(prog="nox -s bench -- scale", description=__doc__)
    parser.add_argument("--learners", type=int, default=LEARNERS)
    parser.add_argument("--sizes", nargs="*", type=int, default=SIZES, metavar="N")
    options = parser.parse_args(words)
    cores, load = os.cpu_count(), os.getloadavg()[0]
    print(f"Once each, Python {sys.version.split()[0]}, {cores} cores, load {load:.1f} before\n")
    print(f"{'a / b':<44} {'a, ms':>8} {'b, ms':>8} {'a / b':>8}  bound")
    with tempfile.TemporaryDirectory() as name:
        if options.learners:
            for row in rows(Path(name), options.learners):
                print(row, flush=True)
        if options.sizes:
            for line in large(Path(name), options.sizes):
                print(line, flush=True)


def rows(folder: Path, learners: int) -> Iterator[Row | str]:
    """What a second worker brings, and what the way to it and back costs."""
    submissions = hand_in(folder / "class", learners)
    with cluster(folder / "cluster") as dask:
        timings = []
        for workers in (1, 2):
            dask.worker()
            dask.wait_for(workers)
            timings.append(graded(dask, submissions, folder / f"{workers}.sqlite3"))
        one, two = timings
        yield Row(f"{learners} on one worker / on two", one, two, bound=1.8, at_least=True)
        yield f"  {learners / one:.2f} and {learners / two:.2f} submissions a second"
        one, two = (graded_here(submissions, folder / f"here-{n}.sqlite3", n) for n in (1, 2))
        # What this machine has to give just now: others may use its cores.
        yield Row("without a cluster, one process / two", one, two, bound=1.8, at_least=True)
        yield from over_the_wire(dask, min(learners, 50))
    yield waiting(folder, submissions, learners)


def waiting(folder: Path, submissions: Path, learners: int) -> Row:
    """The same for a pretended grader that only waits, which a busy machine can do as well."""
    timings = []
    with cluster(folder / "waiting", PRETEND) as dask:
        for _ in range(2):
            dask.worker(seconds=WAIT)
        dask.wait_for(2)
        graded(dask, submissions, folder / "warm.sqlite3")  # each grades one in full at first
        for workers in (2, 1):
            timings.append(graded(dask, submissions, folder / f"waited-{workers}.sqlite3"))
            dask.workers[-1].kill()
            dask.workers.pop().wait()
    what = f"{learners} that wait {WAIT:g} s, one worker / two"
    return Row(what, timings[1], timings[0], bound=1.8, at_least=True)


def over_the_wire(dask: Dask, learners: int) -> Iterator[Row | str]:
    """A batch's way to a worker and back, with packing and unpacking, as share of its grading."""
    with open_cluster(dask.address, workers=0, say=print) as connected:
        address = next(iter(connected.workers()))
        process = _asked(connected, address, introduce)["process"]
        sandbox = asdict(probe().sandbox)
        files: dict[str, bytes | str | None] = {
            one.id: one.solution.read_bytes() for one in lesson()
        }
        asked = tuple(Asked(f"learner-{number}", files) for number in range(learners))
        worker = {"fork": True, "sandbox": sandbox}
        began = perf_counter()
        data = batch_bytes(Batch(process, SEED, "", worker, 1, asked))
        seconds, answer = _asked(connected, address, timed, data)
        found = answer_in(answer).submissions
        whole = perf_counter() - began
        assert len(found) == learners
    yield Row(f"a batch of {learners}: its way / its grading", whole - seconds, seconds, bound=0.05)
    yield (
        f"  {len(data) / learners / 1000:.1f} kB of a submission there, "
        f"{len(answer) / learners / 1000:.1f} kB back"
    )


def timed(data: bytes) -> tuple[float, bytes]:
    """Grade a batch on a worker; return the seconds that it took there, too."""
    began = perf_counter()
    answer = grade_batch(data)
    return perf_counter() - began, answer


def _asked(connected: Cluster, address: str, question: Any, *arguments: object) -> Any:
    connected.ask(address, question, *arguments)
    while (ticket := connected.ended(1.0)) is None:
        pass
    return ticket.answer()


@dataclass
class _Large:
    """What a class took. again: of a run that finds everything graded. Memory in bytes."""

    size: int
    seconds: float
    again: float
    client: int
    client_again: int
    scheduler: int
    store: int

    def __str__(self) -> str:
        figures = (
            *(f"{self.seconds:.0f}", f"{self.again:.0f}"),
            *(f"{self.client / 1e6:.0f}", f"{self.client_again / 1e6:.0f}"),
            f"{self.scheduler / 1e6:.0f}",
            f"{self.store / self.size / 1000:.1f}",
        )
        return f"{self.size:<14} " + " ".join(f"{figure:>13}" for figure in figures)


def large(folder: Path, sizes: Sequence[int]) -> Iterator[str]:
    """The memory of the client and of the scheduler, and the client's time, by size."""
    print("\nGraded by a pretended grader, in full only once:\n")
    heads = ("seconds", "again, s", "client, MB", "again, MB", "scheduler, MB", "store, kB")
    print(f"{'submissions':<14} " + " ".join(f"{head:>13}" for head in heads))
    found = []
    for size in sizes:
        submissions, out = hand_in(folder / f"class-{size}", size), folder / f"out-{size}"
        with cluster(folder / f"cluster-{size}", PRETEND) as dask:
            for _ in range(2):
                dask.worker()
            dask.wait_for(2)
            ran = grade(submissions, out, "--seed", str(SEED), "--dask", dask.address)
            again = grade(submissions, out, "--seed", str(SEED), "--dask", dask.address)
            store = (out / "grading.sqlite3").stat().st_size
            memory = (ran.peak, again.peak, _most(dask))
            found.append(_Large(size, ran.seconds, again.seconds, *memory, store))
        yield str(found[-1])
    few, many = found[0], found[-1]
    yield f"\nclient {many.client / few.client:.2f}, scheduler {many.scheduler / few.scheduler:.2f} times"


def _most(dask: Dask) -> int:
    """The most memory that the scheduler held, in bytes."""
    assert dask.scheduler is not None
    status = Path(f"/proc/{dask.scheduler.pid}/status").read_text(encoding="utf-8")
    (most,) = re.findall(r"VmHWM:\s+(\d+) kB", status)
    return int(most) * 1024


@contextmanager
def cluster(folder: Path, preload: Path | None = None) -> Iterator[Dask]:
    """A scheduler without workers."""
    folder.mkdir()
    dask = Dask(folder, folder, preload).start(0)
    try:
        yield dask
    finally:
        dask.stop()


def graded(dask: Dask, submissions: Path, store_file: Path) -> float:
    """The seconds that a class takes once the cluster is known."""
    with (
        open_fleet(dask.address, here=1, jobs=1, trust=False, say=print) as fleet,
        take_in([submissions], [one.id for one in lesson()]) as intake,
        open_class_store(store_file) as store,
    ):
        worker = {"fork": True, "sandbox": asdict(fleet.layers.sandbox)}
        plan = make_plan(lesson(), intake.entries, store, Keys(SEED), worker=worker, jobs=1)
        began = perf_counter()
        grade_class(plan, store, store.begin(SEED, []), engine=engine_on(fleet))
        return perf_counter() - began


def graded_here(submissions: Path, store_file: Path, jobs: int) -> float:
    """The same without a cluster."""
    with (
        take_in([submissions], [one.id for one in lesson()]) as intake,
        open_class_store(store_file) as store,
    ):
        worker = {"fork": True, "sandbox": asdict(probe().sandbox)}
        plan = make_plan(lesson(), intake.entries, store, Keys(SEED), worker=worker, jobs=jobs)
        began = perf_counter()
        grade_class(plan, store, store.begin(SEED, []))
        return perf_counter() - began


def lesson() -> tuple[Entry, ...]:
    """The exercises that are handed in."""
    return tuple(tracks()[LESSON])


def hand_in(folder: Path, count: int) -> Path:
    """A class of so many that are right."""
    sources = {f"{one.id}.py": one.solution.read_bytes() for one in lesson()}
    for number in range(count):
        place = folder / f"learner-{number:05}"
        place.mkdir(parents=True)
        for name, source in sources.items():
            (place / name).write_bytes(source)
    return folder
