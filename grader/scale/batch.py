"""Batches of submissions as bytes: what a worker of a cluster is asked, and what it answers.

Both are lines of JSON, compressed: one that says what it is, then one for each submission, which is read
when it is needed. Nothing of ours is pickled, and each source and each verdict travels once.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import chain
from math import ceil
from typing import Any

from grader.classroom.packing import unpack
from grader.classroom.provenance import Provenance
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
    """A submission with its verdicts as the store has them, each with its fingerprint.

    by: who gave them, by exercise.
    """

    name: str
    by: Mapping[str, Provenance]
    records: tuple[tuple[str, bytes], ...]

    def results(self) -> list[tuple[str, ExerciseResult]]:
        """Return the verdicts with their fingerprints. Raises `ValueError` for other records."""
        try:
            return [(key, unpack(record)) for key, record in self.records]
        except (KeyError, TypeError, AttributeError, zlib.error) as error:
            raise ValueError(f"not a verdict: {error!r}") from error


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
    head = {name: value for name, value in vars(batch).items() if name != "submissions"}
    return _packed(
        head,
        (
            [one.name, {exercise: _file_record(file) for exercise, file in one.files.items()}]
            for one in batch.submissions
        ),
    )


def batch_in(data: bytes) -> Batch:
    """Decode what `batch_bytes` encoded."""
    head, rows = _unpacked(data)
    submissions = tuple(
        Asked(name, {exercise: _file(row) for exercise, row in files.items()})
        for name, files in rows
    )
    return Batch(**head, submissions=submissions)


def answer_bytes(submissions: Iterable[Judged], trouble: str = "", *, gone: bool = False) -> bytes:
    """Encode an answer."""
    rows = (
        [
            one.name,
            {exercise: asdict(who) for exercise, who in one.by.items()},
            [[key, base64.b64encode(record).decode("ascii")] for key, record in one.records],
        ]
        for one in submissions
    )
    return _packed({"trouble": trouble, "gone": gone}, rows)


def answer_in(data: bytes) -> Answer:
    """Decode what `answer_bytes` encoded. Raises `ValueError` for anything else."""
    try:
        head, rows = _unpacked(data)
        submissions = tuple(
            Judged(
                name,
                {exercise: Provenance(**who) for exercise, who in by.items()},
                tuple((key, base64.b64decode(record)) for key, record in records),
            )
            for name, by, records in rows
        )
        return Answer(submissions, head["trouble"], head["gone"])
    except (KeyError, TypeError, AttributeError, zlib.error) as error:
        raise ValueError(f"not a worker's answer: {error!r}") from error


def _file_record(file: bytes | str | None) -> Any:
    return [base64.b64encode(file).decode("ascii")] if isinstance(file, bytes) else file


def _file(row: Any) -> bytes | str | None:
    return base64.b64decode(row[0]) if isinstance(row, list) else row


def _packed(head: Mapping[str, Any], rows: Iterable[Any]) -> bytes:
    packer = zlib.compressobj(_FAST)
    lines = (packer.compress(json.dumps(row).encode() + b"\n") for row in chain((head,), rows))
    return b"".join(lines) + packer.flush()


def _unpacked(data: bytes) -> tuple[dict[str, Any], Iterator[Any]]:
    lines = iter(zlib.decompress(data).splitlines())
    return json.loads(next(lines, b"")), map(json.loads, lines)
