"""A worker of a cluster that pretends to grade: for what a large class costs besides grading.

`dask worker --preload` of this file grades one submission of the first batch, and says of all others
what it has found there; after `seconds` for each, if the environment's COUNTED_TELLS says so.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from typing import Any

from grader.classroom.keys import Keys
from grader.course.catalog import resolve
from grader.judge import Module
from grader.scale import remote
from grader.scale.batch import Batch, Judged, answer_bytes, answer_in, batch_bytes, batch_in
from tests.scale.counted import TELLS

_grade = remote.grade_batch
_SECONDS = float(json.loads(os.environ.get(TELLS, "{}")).get("seconds", 0))
_found: list[Judged] = []


def pretend(data: bytes) -> bytes:
    """Answer a batch with the verdicts of the first submission."""
    batch = batch_in(data)
    if not _found:
        one = replace(batch, submissions=batch.submissions[:1])
        _found.extend(answer_in(_grade(batch_bytes(one))).submissions)
    (known,) = _found
    records = {
        result.exercise: record
        for (_, record), (_, result) in zip(known.records, known.results(), strict=True)
    }
    time.sleep(_SECONDS * len(batch.submissions))  # pretends to work
    rows = []
    for asked in batch.submissions:
        verdicts = tuple(
            (_key(batch, exercise, content), records[exercise])
            for exercise, content in asked.files.items()
        )
        by = {exercise: known.by[exercise] for exercise in asked.files}
        rows.append(Judged(asked.name, by, verdicts))
    return answer_bytes(rows)


def _key(batch: Batch, exercise: str, content: bytes | str | None) -> str:
    entry, path = resolve(exercise), f"{exercise}.py"
    data = content if isinstance(content, bytes) else None
    note = "" if data else f"{path} was not handed in."
    return Keys(batch.seed, batch.settings).of(Module(entry, path, data, note=note))


def dask_setup(_worker: Any) -> None:
    """Called by dask in the process of its worker."""
    vars(remote)["grade_batch"] = pretend
