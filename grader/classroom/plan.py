"""Plans a run over a class: what is to be graded, and which verdicts stay as they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.classroom.crew import WORKER
from grader.classroom.keys import Keys
from grader.classroom.reading import read_module
from grader.classroom.store import ClassStore
from grader.classroom.submission import Submission, unreadable
from grader.course.catalog import Entry
from grader.judge import Module

__all__ = ["Plan", "make_plan"]


@dataclass(frozen=True)
class Plan:
    """What a run does. `pending`: indices of the submissions to grade.

    worker: a worker's settings, as plain data. command: starts a worker; a test seam. kept: exercises
    without a file here whose verdicts from other sources stay, by the submission's name.
    """

    entries: tuple[Entry, ...]
    submissions: Sequence[Submission]
    pending: tuple[int, ...]
    keys: Keys
    worker: Mapping[str, Any]
    jobs: int = 1
    command: tuple[str, ...] = WORKER
    kept: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def pending_modules(self, one: Submission, store: ClassStore) -> list[tuple[str, Module]]:
        """Read the modules of a submission that are to be graded, each with its fingerprint."""
        entries = _without(self.entries, self.kept, one)
        return list(_pending_modules(one, entries, store, self.keys))


def make_plan(
    entries: Sequence[Entry],
    submissions: Sequence[Submission],
    store: ClassStore,
    keys: Keys,
    *,
    worker: Mapping[str, Any],
    jobs: int,
    sources: Sequence[str] | None = None,
) -> Plan:
    """Find the pending submissions: read each file, and keep none in memory.

    sources: where the submissions come from. A verdict from elsewhere stays where there is no file
    here: late work seldom holds everything again.
    """
    everything = tuple(entries)
    kept = {} if sources is None else _kept(submissions, everything, store, sources)
    pending = tuple(
        place
        for place, one in enumerate(submissions)
        if any(True for _ in _pending_modules(one, _without(everything, kept, one), store, keys))
    )
    jobs = max(1, min(jobs, len(pending)))
    return Plan(everything, submissions, pending, keys, worker, jobs, kept=kept)


def _kept(
    submissions: Sequence[Submission],
    entries: Sequence[Entry],
    store: ClassStore,
    sources: Sequence[str],
) -> dict[str, frozenset[str]]:
    kept = {}
    for one in submissions:
        absent = {
            entry.id
            for entry in entries
            if entry.id not in one.files and not unreadable(one, entry.id)
        }
        if absent and (found := absent & store.graded_elsewhere(one.name, sources)):
            kept[one.name] = frozenset(found)
    return kept


def _without(
    entries: tuple[Entry, ...], kept: Mapping[str, frozenset[str]], one: Submission
) -> tuple[Entry, ...]:
    """Return the exercises of a submission whose verdicts do not stay as they are."""
    left = kept.get(one.name, frozenset())
    return tuple(entry for entry in entries if entry.id not in left)


def _pending_modules(
    one: Submission, entries: tuple[Entry, ...], store: ClassStore, keys: Keys
) -> Iterator[tuple[str, Module]]:
    """Yield the modules without a current verdict, each with its fingerprint."""
    known = store.keys(one.name)
    for entry in entries:
        module = read_module(one, entry)
        key = keys.of(module)
        if known.get(entry.id) != key:
            yield key, module
