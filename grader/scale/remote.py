"""What runs on a worker of a cluster: says what is there, and grades batches.

A batch is graded as a class is on one machine, by worker processes of our own behind this machine's
walls. So a submission that kills a process never kills the cluster's worker, and whoever loses that
worker has lost a machine.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from grader.class_results import Sender, SubmissionResult, Unused
from grader.classroom.crew import WORKER
from grader.classroom.keys import Keys, course_of, python_here
from grader.classroom.plan import Plan
from grader.classroom.run import Nobody, grade_class
from grader.classroom.store import ClassStore, open_class_store
from grader.classroom.submission import Source
from grader.course.catalog import Entry, exercises, find_root
from grader.errors import GraderError
from grader.intake import TooLarge
from grader.runner.sandbox import probe
from grader.scale.batch import Asked, Batch, Judged, answer_bytes, batch_in

__all__ = ["course_here", "grade_batch", "introduce"]

PROCESS = uuid4().hex
"""Tells this process from a later one at the same address, which must not take up its work."""

_MEMORY = Path(":memory:")


class Abandoned(Exception):
    """Nobody waits for this batch any more."""


def introduce() -> dict[str, Any]:
    """Say who this is, what would grade here, and which walls work, as plain data."""
    layers = probe()
    return {
        "process": PROCESS,
        "host": platform.node(),
        "python": python_here(),
        "course": course_here(),
        "layers": [[one.name, one.active, one.detail] for one in layers.all],
        "walls": list(layers.sandbox.walls),
        "bwrap": layers.sandbox.bwrap,
        "lacking": layers.reason() or "",
    }


def course_here() -> str:
    """Return the fingerprint of the course here, and of what hands batches to and fro."""
    digest = hashlib.sha256(course_of(exercises()).encode())
    for room in ("classroom", "scale"):
        for path in sorted((find_root() / "grader" / room).glob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def grade_batch(data: bytes) -> bytes:
    """Grade a batch (see `grader.scale.batch`); no process of it is left on return."""
    batch = batch_in(data)
    if batch.process != PROCESS:
        return answer_bytes((), "its worker was started anew", gone=True)
    with open_class_store(_MEMORY) as store:
        trouble = ""
        try:
            _grade(batch, store, _Watch(_waits(), _teller(batch)))
        except GraderError as error:  # of this machine: another one may be able to
            trouble = str(error)
        return answer_bytes(_judged(batch, store), trouble)


def _grade(batch: Batch, store: ClassStore, watch: _Watch) -> None:
    entries = exercises()
    plan = Plan(
        entries,
        [_Carried(one) for one in batch.submissions],
        tuple(range(len(batch.submissions))),
        Keys(batch.seed, batch.settings),
        batch.worker,
        max(1, min(batch.jobs, len(batch.submissions))),
        command=WORKER,
        kept={one.name: _not_asked(one, entries) for one in batch.submissions},
    )
    grade_class(plan, store, store.begin(batch.seed, ()), watch)


def _not_asked(one: Asked, entries: Sequence[Entry]) -> frozenset[str]:
    return frozenset(entry.id for entry in entries) - one.files.keys()


def _judged(batch: Batch, store: ClassStore) -> Iterator[Judged]:
    """Yield the submissions that have all verdicts that were asked for."""
    for one in batch.submissions:
        stored = store.stored(one.name)
        verdicts = (
            [each for each in stored.verdicts if each.exercise in one.files] if stored else []
        )
        if verdicts and len(verdicts) == len(one.files):
            by = {each.exercise: each.provenance for each in verdicts}
            yield Judged(one.name, by, tuple((each.key, each.record) for each in verdicts))


@dataclass(frozen=True)
class _Handed:
    """A file that came in a batch, or why it cannot be used."""

    content: bytes | str

    def read(self) -> bytes:
        if isinstance(self.content, str):
            raise TooLarge(self.content)
        return self.content


class _Carried:
    """A submission that came in a batch, as `grader.classroom.submission` wants it."""

    late = False
    note = ""
    senders: tuple[Sender, ...] = ()
    unused: tuple[Unused, ...] = ()

    def __init__(self, asked: Asked) -> None:
        self.name = asked.name
        self.files: Mapping[str, Source] = {
            exercise: _Handed(content)
            for exercise, content in asked.files.items()
            if content is not None
        }


class _Watch(Nobody):
    """Stops a run between two submissions when nobody waits for it: Ctrl-C, or a client that died.

    tell: is told how many submissions are graded.
    """

    def __init__(self, waits: Callable[[], bool], tell: Callable[[int], None]) -> None:
        self._waits = waits
        self._tell = tell
        self._done = 0

    def grading(self, _worker: int, _submission: str) -> None:
        if not self._waits():
            raise Abandoned

    def graded(self, _worker: int, _result: SubmissionResult) -> None:
        self._done += 1
        self._tell(self._done)


def _waits() -> Callable[[], bool]:
    """Return a function that tells whether the scheduler still wants the task of this thread."""
    from distributed import get_worker  # noqa: PLC0415 - only a cluster's worker calls this

    worker = get_worker()
    key = worker.get_current_task()

    def wanted() -> bool:
        task = worker.state.tasks.get(key)
        return task is not None and task.state != "cancelled"

    return wanted


def _teller(batch: Batch) -> Callable[[int], None]:
    """Return a function that tells the command how many submissions of the batch are graded."""
    if not batch.topic:
        return lambda _done: None
    from distributed import get_worker  # noqa: PLC0415 - only a cluster's worker calls this

    worker = get_worker()
    return lambda done: worker.log_event(batch.topic, [batch.number, done])
