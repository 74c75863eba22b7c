"""Batches of submissions as bytes: what a worker of a cluster is asked, and what it answers.

Both are JSON, compressed: nothing of ours is pickled, and each source and each verdict travels once.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

from grader.classroom.packing import unpack
from grader.classroom.provenance import Provenance
from grader.records import exercise_from_record, exercise_record
from grader.results import ExerciseResult

__all__ = [
    "FEWEST",
    "MOST",
    "Answer",
    "Asked",
    "Batch",
    "Judged",
    "answer_bytes",
    "answer_in",
    "batch_bytes",
    "batch_in",
    "size_of_batches",
]

# Submissions in a batch of a large class: the client holds one from each worker, sources and verdicts.
FEWEST, MOST = 50, 100
ROUNDS = 8  # batches for each worker, where the class is large enough
_FAST = 1  # zlib's level: the network is seldom the bottleneck


@dataclass(frozen=True)
class Asked:
    """A submission to grade.

    files: by exercise, its bytes, or the reason why the file cannot be used, or None if none was
    handed in.
    """

    name: str
    files: Mapping[str, bytes | str | None]


@dataclass(frozen=True)
class Batch:
    """What a worker is asked. process: the one that is meant, see `grader.scale.remote`.

    worker: the settings of its processes that grade. settings: that the verdicts depend on, as text.
    topic: under which it tells how many submissions are graded, "" for nowhere. number: the batch's own.
    """

    process: str
    seed: int
    settings: str
    worker: Mapping[str, Any]
    jobs: int
    submissions: tuple[Asked, ...]
    topic: str = ""
    number: int = 0


@dataclass(frozen=True)
class Judged:
    """A submission with its verdicts, each with its fingerprint. by: who gave them, by exercise."""

    name: str
    by: Mapping[str, Provenance]
    results: tuple[tuple[str, ExerciseResult], ...]


@dataclass(frozen=True)
class Answer:
    """What a worker answers. trouble: why submissions are missing in it, or "".

    gone: the process that was meant is not there any more, and another has its address.
    """

    submissions: tuple[Judged, ...]
    trouble: str = ""
    gone: bool = False


def size_of_batches(pending: int, workers: int) -> int:
    """Return how many submissions a batch has: several batches for each worker, or one if few."""
    rounds = min(ROUNDS, max(1, pending // (FEWEST * workers)))
    return min(MOST, max(1, ceil(pending / (rounds * workers))))


def batch_bytes(batch: Batch) -> bytes:
    """Encode a batch."""
    submissions = [
        [one.name, {exercise: _file_record(file) for exercise, file in one.files.items()}]
        for one in batch.submissions
    ]
    return _packed({**vars(batch), "submissions": submissions})


def batch_in(data: bytes) -> Batch:
    """Decode what `batch_bytes` encoded."""
    fields = _unpacked(data)
    submissions = tuple(
        Asked(name, {exercise: _file(row) for exercise, row in files.items()})
        for name, files in fields.pop("submissions")
    )
    return Batch(**fields, submissions=submissions)


def answer_bytes(
    submissions: Iterable[tuple[str, Mapping[str, Provenance], Sequence[tuple[str, bytes]]]],
    trouble: str = "",
    *,
    gone: bool = False,
) -> bytes:
    """Encode an answer: names, and records of verdicts as the store has them, with fingerprints."""
    rows = [
        [
            name,
            {exercise: asdict(one) for exercise, one in by.items()},
            [[key, exercise_record(unpack(record))] for key, record in verdicts],
        ]
        for name, by, verdicts in submissions
    ]
    return _packed({"submissions": rows, "trouble": trouble, "gone": gone})


def answer_in(data: bytes) -> Answer:
    """Decode what `answer_bytes` encoded. Raises `ValueError` for anything else."""
    try:
        fields = _unpacked(data)
        return Answer(
            tuple(
                Judged(
                    name,
                    {exercise: Provenance(**one) for exercise, one in by.items()},
                    tuple((key, exercise_from_record(record)) for key, record in verdicts),
                )
                for name, by, verdicts in fields["submissions"]
            ),
            fields["trouble"],
            fields["gone"],
        )
    except (KeyError, TypeError, AttributeError, zlib.error) as error:
        raise ValueError(f"not a worker's answer: {error!r}") from error


def _file_record(file: bytes | str | None) -> Any:
    return [base64.b64encode(file).decode("ascii")] if isinstance(file, bytes) else file


def _file(row: Any) -> bytes | str | None:
    return base64.b64decode(row[0]) if isinstance(row, list) else row


def _packed(data: Mapping[str, Any]) -> bytes:
    return zlib.compress(json.dumps(data).encode(), _FAST)


def _unpacked(data: bytes) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(zlib.decompress(data))
    return fields
