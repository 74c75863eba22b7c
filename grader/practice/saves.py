"""Notices that files were saved, by looking at them again and again.

A look at a few small files costs next to nothing and works on every file system, where notifications
do not come over a network, or come before the file is whole. A file has been saved once two looks
in a row find it the same. A file that may be half-written (it is missing or empty, ends in the
middle of a line, or where a buffer ends) has to stay the same for longer.
"""

from __future__ import annotations

import stat
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.results import ExerciseResult, Outcome

__all__ = ["Look", "Saves", "pause_after"]

INTERVAL = 0.025  # seconds between looks
LONGEST_PAUSE = 1.0  # ... where the file system is slow
SHARE = 0.05  # of the time, spent in looking, at most
PATIENCE = 0.3  # seconds that a file which may be half-written has to stay as it is
LONG_PATIENCE = 1.0  # ... and one that is missing or empty: an editor may be replacing it
LARGEST = 256 << 10  # bytes; larger files are told apart by their times only

_BLOCK = 512  # bytes: buffers and pages are multiples of this


@dataclass(frozen=True)
class _Version:
    """One state of a file. content: None when there is no file, or none that can be read."""

    content: bytes | None
    mark: tuple[int, ...] = ()  # tells apart two saves of the same content


@dataclass
class _File:
    """What is known of one file: as it was saved last, as it was seen last, and since when.

    changing: something was written, and no look has found it finished yet.
    """

    path: Path
    settled: _Version
    seen: _Version
    since: float
    changing: bool = False


@dataclass(frozen=True)
class Look:
    """What a look found: files being written, and files that have been saved, by their names."""

    changing: tuple[str, ...] = ()
    saved: tuple[str, ...] = ()


class Saves:
    """Watches files, each by a name of its own. `clock` gives seconds, from anywhere."""

    def __init__(
        self, files: Mapping[str, Path], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._files: dict[str, _File] = {}
        for name, path in files.items():
            version = _version(path)
            self._files[name] = _File(path, version, version, clock())

    def look(self) -> Look:
        """Look at every file once."""
        now = self._clock()
        changing, saved = [], []
        for name, file in self._files.items():
            version = _version(file.path)
            if version != file.seen:
                file.seen, file.since, file.changing = version, now, True
                changing.append(name)
            elif file.changing and now - file.since >= _patience(file):
                # Also where it is as it was before: whoever heard of a change waits for its end.
                file.settled, file.changing = version, False
                saved.append(name)
        return Look(tuple(changing), tuple(saved))

    def is_of(self, result: ExerciseResult) -> bool:
        """Whether a verdict is on the file as it was last saved, and not on half of it."""
        content = self._files[result.exercise].settled.content
        if content is None or len(content) > LARGEST:
            return not result.source
        if result.outcome is Outcome.MISSING:
            return False
        try:
            source = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return not result.source
        usable = source.strip() and "\0" not in source
        return result.source == (source if usable else "")


def pause_after(took: float) -> float:
    """Seconds to wait after a look that took `took` seconds."""
    return min(LONGEST_PAUSE, max(INTERVAL, took / SHARE))


def _version(path: Path) -> _Version:
    try:
        found = path.stat()
        mark = (found.st_mtime_ns, found.st_ino, found.st_size)
        if not stat.S_ISREG(found.st_mode):
            return _Version(None, mark)
        # Read every time: the times of a network's files may be seconds apart, or out of date.
        with path.open("rb") as file:
            return _Version(file.read(LARGEST + 1), mark)
    except OSError:
        return _Version(None)


def _patience(file: _File) -> float:
    """Seconds that the version which was seen has to last, from the second look on."""
    content, before = file.seen.content, file.settled.content or b""
    if not (content or b"").strip():
        return LONG_PATIENCE
    assert content is not None
    cut = before.endswith(b"\n") and not content.endswith(b"\n")
    begun = content != before and before.startswith(content)
    return PATIENCE if cut or begun or len(content) % _BLOCK == 0 else 0.0
