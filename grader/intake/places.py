"""Locates the bytes of handed-in files, and reads them on demand."""

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
    "TooLarge",
    "Unreadable",
]

LARGEST_FILE = 256 << 10  # bytes of source; a large solution has 10,000
LARGEST_ARCHIVE = 64 << 20  # bytes of a nested zip, which must be unpacked to be opened
END_RECORD = 128 << 10  # bytes at the end of a zip that hold its last record, including the comment
KEPT_IN_MEMORY = 8 << 20  # bytes of a nested zip; a larger one goes to an unnamed file
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
    """An archive that is not accepted; the message is the reason, in a few words."""


class Unreadable(ValueError):
    """A handed-in file that could not be read when it was needed; the message says why."""


class TooLarge(Unreadable):
    """A handed-in file that is larger than source code can be."""


class Place(Protocol):
    """A location that can be opened for reading any number of times."""

    def open(self) -> AbstractContextManager[IO[bytes]]: ...


@dataclass(frozen=True, slots=True)
class InFolder:
    """A file in a folder. parts: its path from `root`, on which no link is followed."""

    root: Path
    parts: tuple[str, ...]

    def open(self) -> IO[bytes]:
        """Open the file; raises OSError when it is missing, a link or not a regular file."""
        descriptor = self._descend()
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError("not a regular file")
        return os.fdopen(descriptor, "rb")

    def _descend(self) -> int:
        # Systems without these flags (Windows): listing the folder has already left links out.
        flags = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
        no_follow = flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        if os.open not in os.supports_dir_fd:
            return os.open(self.root.joinpath(*self.parts), no_follow)
        folder = os.open(self.root, flags | os.O_DIRECTORY)
        try:
            for part in self.parts[:-1]:
                inner = os.open(part, no_follow | os.O_DIRECTORY, dir_fd=folder)
                os.close(folder)
                folder = inner
            return os.open(self.parts[-1], no_follow, dir_fd=folder)
        finally:
            os.close(folder)


class Archive:
    """A zip file, opened on demand.

    directory: the largest list of entries allowed, in bytes; opening the zip reads all of it.
    keep: stay open until `close`, for a zip of a whole class.
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
        """Yield the open zip. Raises `Refused` when its list of entries is too large."""
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
        """Close a zip that was kept open; it reopens on demand."""
        with self._lock:
            if self._kept is not None and self._close is not None:
                self._kept.close()
                self._close()
                self._kept = self._close = None

    @contextmanager
    def _seekable(self) -> Iterator[IO[bytes]]:
        """Yield the zip's bytes; a nested zip is unpacked to memory or an unnamed file.

        Raises `Refused` when it is larger than `LARGEST_ARCHIVE`.
        """
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
    """A file whose reads raise `Refused` above `most` bytes, the limit of a list of entries."""

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


@dataclass(frozen=True, slots=True)
class InZip:
    """A zip entry by its number, since names may repeat. name: detects that the zip has changed."""

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


@dataclass(frozen=True, slots=True)
class Source:
    """A file to grade. path: its location as shown to people; size: in bytes.

    convert: makes source code of the file's bytes, for a file of another kind; raises `ValueError`,
    whose text says why, when there is none in it. largest: the most bytes of such a file.
    """

    path: str
    size: int
    place: Place
    convert: Callable[[bytes], bytes] | None = None
    largest: int = LARGEST_FILE

    def read(self) -> bytes:
        """Return the source code as handed in.

        Raises `Unreadable` when it cannot be read, and `TooLarge` when it is more than `LARGEST_FILE`.
        """
        data = self.raw()
        if self.convert is not None and len(data) <= self.largest:
            data = self._converted(data)
        if len(data) > LARGEST_FILE:
            raise TooLarge(
                f"The file is larger than {LARGEST_FILE >> 10} KB: hand in source code only."
            )
        return data

    def _converted(self, data: bytes) -> bytes:
        assert self.convert is not None
        try:
            return self.convert(data)
        except Unreadable as error:
            raise Unreadable(f"{self.path} could not be read: {error}") from None

    def raw(self) -> bytes:
        """Return the bytes of the file itself. Raises `Unreadable` when they cannot be read."""
        try:
            with self.place.open() as file:
                return _read_bounded(file, self.largest)
        except (Refused, *ZIP_TROUBLE) as error:
            raise Unreadable(f"{self.path} could not be read: {_why(error)}.") from None


def _why(error: Exception) -> str:
    """Return the reason without the path, which may be another one on the instructor's machine."""
    return getattr(error, "strerror", None) or str(error).rstrip(".") or type(error).__name__


def _read_bounded(file: IO[bytes], largest: int) -> bytes:
    """Read all of a small file, but little more than `largest` bytes of a larger one."""
    data = io.BytesIO()
    while data.tell() <= largest and (chunk := file.read(1 << 16)):
        data.write(chunk)
    return data.getvalue()
