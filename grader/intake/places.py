"""Where the bytes of a handed-in file are, and how they are read once they are wanted."""

from __future__ import annotations

import io
import os
import stat
import tempfile
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

__all__ = [
    "LARGEST_FILE",
    "Archive",
    "InFolder",
    "InZip",
    "Place",
    "Refused",
    "Source",
    "Unreadable",
]

LARGEST_FILE = 256 << 10  # bytes of source; a large solution has 10,000
LARGEST_ARCHIVE = 64 << 20  # bytes of a zip within a zip, which has to be unpacked to be opened
END_RECORD = 128 << 10  # bytes from the end in which a zip's last record lies, comment and all
KEPT_IN_MEMORY = 8 << 20  # bytes of an inner zip; beyond, it goes to a file without a name
ZIP_TROUBLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,  # encrypted
    ValueError,
)


class Refused(Exception):
    """An archive that is not taken in; the message is the reason, in a few words."""


class Unreadable(ValueError):
    """A handed-in file that could not be read when its turn came; the message says why."""


class Place(Protocol):
    """Something that can be opened for reading, as often as one likes."""

    def open(self) -> AbstractContextManager[IO[bytes]]: ...


@dataclass(frozen=True)
class InFolder:
    """A file in a folder. parts: the way to it from `root`; no link on it is followed."""

    root: Path
    parts: tuple[str, ...]

    def open(self) -> IO[bytes]:
        """The file, opened; raises OSError when it is not there, a link or not a regular file."""
        descriptor = self._descend()
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError("not a regular file")
        return os.fdopen(descriptor, "rb")

    def _descend(self) -> int:
        # Where a system lacks these flags (Windows), listing the folder has left the links out.
        flags = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
        wary = flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        if os.open not in os.supports_dir_fd:
            return os.open(self.root.joinpath(*self.parts), wary)
        folder = os.open(self.root, flags | os.O_DIRECTORY)
        try:
            for part in self.parts[:-1]:
                inner = os.open(part, wary | os.O_DIRECTORY, dir_fd=folder)
                os.close(folder)
                folder = inner
            return os.open(self.parts[-1], wary, dir_fd=folder)
        finally:
            os.close(folder)


class Archive:
    """A zip file, opened whenever something in it is wanted.

    directory: the most bytes that its list of entries may have, all of which is read to open it.
    keep: leave it open until `close`, for one that holds a whole class.
    """

    def __init__(self, place: Place, directory: int, *, keep: bool = False) -> None:
        self.place = place
        self._directory = directory
        self._keep = keep
        self._lock = threading.Lock()
        self._kept: zipfile.ZipFile | None = None
        self._close: Callable[[], object] | None = None

    @contextmanager
    def opened(self) -> Iterator[zipfile.ZipFile]:
        """The open zip. Raises `Refused` when its list of entries is beyond measure."""
        if not self._keep:
            with self._seekable() as file, self._unzipped(file) as archive:
                yield archive
            return
        with self._lock:
            if self._kept is None:
                opening = self._seekable()
                self._kept = self._unzipped(opening.__enter__())
                self._close = lambda: opening.__exit__(None, None, None)
        yield self._kept

    def close(self) -> None:
        """Let go of a zip that was kept open; it opens again when it is wanted again."""
        with self._lock:
            if self._kept is not None and self._close is not None:
                self._kept.close()
                self._close()
                self._kept = self._close = None

    @contextmanager
    def _seekable(self) -> Iterator[IO[bytes]]:
        """The zip's bytes; those of a zip within a zip are unpacked, to no name on any disk."""
        with self.place.open() as file:
            if not isinstance(file, zipfile.ZipExtFile):
                yield file
                return
            with tempfile.SpooledTemporaryFile(KEPT_IN_MEMORY) as copy:
                while chunk := file.read(1 << 16):
                    copy.write(chunk)
                    if copy.tell() > LARGEST_ARCHIVE:
                        raise Refused(f"larger than {LARGEST_ARCHIVE >> 20} MB when unpacked")
                yield copy

    def _unzipped(self, file: IO[bytes]) -> zipfile.ZipFile:
        return zipfile.ZipFile(_Bounded(file, self._directory))


class _Bounded:
    """A file of which nobody reads more at once than the list of entries of a sane zip."""

    def __init__(self, file: IO[bytes], most: int) -> None:
        self._file = file
        self._most = most
        self.seek, self.tell, self.close = file.seek, file.tell, file.close

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(END_RECORD if size < 0 else min(size, self._most + 1))
        if len(data) > self._most:
            raise Refused(f"its list of entries is larger than {self._most >> 20} MB")
        return data

    def seekable(self) -> bool:
        return True


@dataclass(frozen=True)
class InZip:
    """An entry of a zip, by its number: two may have one name. name: as it stood there."""

    archive: Archive
    number: int
    name: str

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        with self.archive.opened() as zipped:
            entries = zipped.infolist()
            if self.number >= len(entries) or entries[self.number].filename != self.name:
                raise OSError("the zip has changed")
            with zipped.open(entries[self.number]) as file:
                yield file


@dataclass(frozen=True)
class Source:
    """A file that is going to be graded. path: where it is, as shown; size: in bytes."""

    path: str
    size: int
    place: Place

    def read(self) -> bytes:
        """The bytes as they were handed in, at most `LARGEST_FILE`; raises `Unreadable`."""
        try:
            with self.place.open() as file:
                data = _all_of(file)
        except (Refused, *ZIP_TROUBLE) as error:
            raise Unreadable(f"{self.path} could not be read: {error}.") from None
        if len(data) > LARGEST_FILE:
            raise Unreadable(
                f"The file is larger than {LARGEST_FILE >> 10} KB: hand in source code only."
            )
        return data


def _all_of(file: IO[bytes]) -> bytes:
    """All of a small file, more than `LARGEST_FILE` of a large one."""
    data = io.BytesIO()
    while data.tell() <= LARGEST_FILE and (chunk := file.read(1 << 16)):
        data.write(chunk)
    return data.getvalue()
