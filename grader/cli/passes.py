"""Shows the verdict on a file that has passed again, while nothing has changed that it depends on."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from grader.course import catalog
from grader.records import exercise_from_record
from grader.results import ExerciseResult, Outcome

if TYPE_CHECKING:  # SQLite takes its time, and the learners' process has not started yet
    from grader.practice.progress import Store

__all__ = ["keep", "sources", "unchanged"]


def sources(entries: Iterable[catalog.Entry], folder: Path) -> dict[str, bytes]:
    """Return the learner's files, by exercise; none of those that cannot be read: the judge says why."""
    found = {}
    for entry in entries:
        with contextlib.suppress(OSError):
            found[entry.id] = (folder / f"{entry.id}.py").read_bytes()
    return found


def unchanged(store: Store, files: Mapping[str, bytes]) -> dict[str, ExerciseResult]:
    """Return the stored verdicts that would be reached again, by exercise, in order."""
    found: dict[str, ExerciseResult] = {}
    known = store.passes()
    for exercise in [one for one in files if one in known]:
        fingerprint, verdict = known[exercise]
        if fingerprint == _fingerprint(files[exercise]):
            with contextlib.suppress(ValueError):  # not as it was written: judge it
                found[exercise] = exercise_from_record(json.loads(verdict))
    return found


def keep(
    store: Store,
    results: Iterable[ExerciseResult],
    before: Mapping[str, bytes],
    now: Mapping[str, bytes],
) -> None:
    """Keep the passes on files that are now as they were before: one saved meanwhile was not judged."""
    for result in results:
        data, passed = before.get(result.exercise), result.outcome is Outcome.PASSED
        if passed and data is not None and data == now.get(result.exercise):
            store.keep_pass(result, _fingerprint(data))


def _fingerprint(data: bytes) -> str:
    from grader.practice.unchanged import fingerprint  # noqa: PLC0415 - only for what has passed

    return fingerprint((catalog.find_root() / "grader", catalog.brought("solutions")), data)
