"""Knows whose time a Moodle worksheet does not say: the work was handed in after its download."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from grader.class_results import SubmissionResult
from grader.classroom.reading import read_module
from grader.classroom.store import ClassStore
from grader.classroom.submission import Submission
from grader.course.catalog import Entry
from grader.judge.modules import Module, decoded
from grader.results import ExerciseResult, Outcome

__all__ = ["UNKNOWN_TIMES", "Worksheet", "worksheet_for"]

UNKNOWN_TIMES = "When these were sent is not known"
NEXT = (
    "handed in after the worksheet was downloaded, which has no time of it; nothing is taken off: "
    "download the worksheet again and give it by --moodle, or say the time by --times"
)


@dataclass(frozen=True)
class Worksheet:
    """A worksheet, told from others by its bytes. outdated: submissions that are newer than it."""

    digest: str = ""
    outdated: frozenset[str] = frozenset()

    @classmethod
    def remembered(cls, runs: Iterable[Mapping[str, Any]]) -> Worksheet:
        """Return what runs noted, as of the parts of a class."""
        known = [options for options in runs if options.get("worksheet")]
        outdated = frozenset(name for one in known for name in one["outdated"])
        return cls(known[0]["worksheet"], outdated) if known else cls()

    def as_data(self) -> dict[str, Any]:
        """Return what a later run is to know, as plain data."""
        return {"worksheet": self.digest, "outdated": sorted(self.outdated)} if self.digest else {}

    def rows(self, known: Iterable[SubmissionResult]) -> list[tuple[str, str]]:
        """Return the submissions without a time from elsewhere, and what to do."""
        return [
            (one.submission, NEXT)
            for one in known
            if one.submission in self.outdated and not one.submitted
        ]


def worksheet_for(
    options: Namespace,
    earlier: Mapping[str, Any],
    given: Sequence[Submission],
    entries: Sequence[Entry],
    store: ClassStore,
    *,
    elsewhere: bool,
) -> Worksheet:
    """Return the worksheet of this run, with what was handed in since an earlier run had the same.

    given: the submissions of this run. elsewhere: they come from other paths than those of that run.
    """
    data = _bytes(options.moodle)
    if not data:
        return Worksheet()
    digest, before = sha256(data).hexdigest(), Worksheet.remembered([earlier])
    if digest != before.digest:
        return Worksheet(digest)
    known = {one.submission: one for one in store.known()}
    newer = {
        one.name
        for one in given
        if one.files
        and (one.name not in known or _is_newer(one, known[one.name], entries, store, elsewhere))
    }
    return Worksheet(digest, before.outdated | newer)


def _bytes(path: Path | None) -> bytes:
    try:
        return path.read_bytes() if path is not None else b""
    except OSError:  # of which `fillings_for` tells
        return b""


def _is_newer(
    one: Submission,
    before: SubmissionResult,
    entries: Sequence[Entry],
    store: ClassStore,
    elsewhere: bool,
) -> bool:
    ids = [entry.id for entry in entries]
    results = {each.exercise: each for each in store.submission(one.name, ids).exercises}
    return any(
        _has_changed(module, results.get(module.entry.id), before.handed_in, elsewhere=elsewhere)
        for module in _modules(one, entries)
    )


def _modules(one: Submission, entries: Sequence[Entry]) -> Iterator[Module]:
    yield from (read_module(one, entry) for entry in entries if entry.id in one.files)


def _has_changed(
    module: Module, before: ExerciseResult | None, handed_in: Collection[str], *, elsewhere: bool
) -> bool:
    if before is None:  # a run that was stopped, or an exercise that did not count
        return module.entry.id not in handed_in
    if before.outcome is Outcome.UNGRADED or module.data is None:  # nobody knows what it held
        return elsewhere
    return before.outcome is Outcome.MISSING or before.source != _source(module.data)


def _source(data: bytes) -> str:
    try:
        return decoded(data)
    except ValueError:  # judged as a file without any source
        return ""
