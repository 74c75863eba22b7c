"""Detects saved files by polling.

Polling a few small files costs almost nothing and works on every file system; notifications do
not arrive over a network, or arrive before the file is complete. A file has been saved once two
polls in a row find it unchanged. A file that may be half-written (missing, empty, or ending in the
middle of a line or at a buffer boundary) has to stay unchanged for longer.
"""

from __future__ import annotations

import stat
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.results import ExerciseResult, Outcome
from grader.source import text_of

__all__ = ["Look", "Saves", "pause_after"]

INTERVAL = 0.025  # seconds between polls
LONGEST_PAUSE = 1.0  # seconds; the longest pause between polls, on a slow file system
SHARE = 0.05  # largest share of the time to spend polling
PATIENCE = 0.3  # seconds that a file which may be half-written has to stay unchanged
LONG_PATIENCE = 1.0  # seconds for a missing or empty file: an editor may be replacing it
LARGEST = 256 << 10  # bytes; beyond these only time, inode and size tell versions apart

_BLOCK = 512  # bytes; sizes of buffers and pages are multiples of this


@dataclass(frozen=True)
class _Version:
    """One version of a file. content: None if the file is missing or cannot be read."""

    content: bytes | None
    mark: tuple[int, ...] = ()  # tells two saves of the same content apart


@dataclass
class _File:
    """A watched file.

    settled: the version last saved; seen: the version at the last poll; since: when that was first
    seen, in the clock's seconds; changing: it was written, and no poll has found it complete yet.
    """

    path: Path
    settled: _Version
    seen: _Version
    since: float
    changing: bool = False


@dataclass(frozen=True)
class Look:
    """Result of a poll: names of files being written, and of files that were saved."""

    changing: tuple[str, ...] = ()
    saved: tuple[str, ...] = ()


class Saves:
    """Watches named files. clock: returns seconds from an arbitrary start."""

    def __init__(
        self, files: Mapping[str, Path], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._files: dict[str, _File] = {}
        for name, path in files.items():
            version = _version(path)
            self._files[name] = _File(path, version, version, clock())

    def look(self) -> Look:
        """Poll every file once."""
        now = self._clock()
        changing, saved = [], []
        for name, file in self._files.items():
            version = _version(file.path)
            if version != file.seen:
                file.seen, file.since, file.changing = version, now, True
                changing.append(name)
            elif file.changing and now - file.since >= _patience(file):
                # Even if the content is as before: a save follows every reported change.
                file.settled, file.changing = version, False
                saved.append(name)
        return Look(tuple(changing), tuple(saved))

    def is_of(self, result: ExerciseResult) -> bool:
        """Return whether a verdict is on the file as last saved, not on half of it."""
        content = self._files[result.exercise].settled.content
        if content is None or len(content) > LARGEST:
            return not result.source
        if result.outcome is Outcome.MISSING:
            return False
        try:
            source = text_of(content)
        except ValueError:
            return not result.source
        usable = source.strip() and "\0" not in source
        return result.source == (source if usable else "")


def pause_after(took: float) -> float:
    """Return the seconds to wait after a poll that took `took` seconds."""
    return min(LONGEST_PAUSE, max(INTERVAL, took / SHARE))


def _version(path: Path) -> _Version:
    try:
        found = path.stat()
        mark = (found.st_mtime_ns, found.st_ino, found.st_size)
        if not stat.S_ISREG(found.st_mode):
            return _Version(None, mark)
        # Read every time: on a network, file times may be seconds apart or out of date.
        with path.open("rb") as file:
            return _Version(file.read(LARGEST + 1), mark)
    except OSError:
        return _Version(None)


def _patience(file: _File) -> float:
    """Return how many seconds the version seen has to stay unchanged; 0.0: two polls are enough."""
    content, before = file.seen.content, file.settled.content or b""
    if not (content or b"").strip():
        return LONG_PATIENCE
    assert content is not None
    cut = before.endswith(b"\n") and not content.endswith(b"\n")
    begun = content != before and before.startswith(content)
    return PATIENCE if cut or begun or len(content) % _BLOCK == 0 else 0.0
