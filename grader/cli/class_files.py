"""Writes files atomically, under names that are valid on every operating system."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from grader.errors import UsageError

__all__ = ["SafeNames", "write_whole"]

LONGEST = 120  # bytes of a name, which leaves room for suffixes
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_DEVICES = {"con", "prn", "aux", "nul", *(f"{k}{n}" for k in ("com", "lpt") for n in range(10))}
_UNSEEN = {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"}


class SafeNames:
    """Gives each submission a file name of its own that is valid on every operating system."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def of(self, name: str) -> str:
        """Return a file name without suffix; repeatable for the same names in the same order."""
        safe = _safe(name)
        if _folded(safe) in self._taken:
            digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
            safe = f"{safe}-{digest[:8]}"
        self._taken.add(_folded(safe))
        return safe


def _safe(name: str) -> str:
    """Return a file name that is valid on every operating system (Windows forbids the most)."""
    seen = unicodedata.normalize("NFC", name)
    seen = "".join("_" if unicodedata.category(c) in _UNSEEN else c for c in seen)
    seen = _FORBIDDEN.sub("_", seen).strip(". ")
    short = seen.encode()[:LONGEST].decode("utf-8", "ignore").rstrip(". ")
    device = short.partition(".")[0].strip().lower() in _DEVICES
    return f"_{short}" if device or not short or short.startswith("-") else short


def _folded(name: str) -> str:
    """Return a key that is equal for names which some file system treats as the same."""
    return unicodedata.normalize("NFD", name).casefold()


def write_whole(file: Path, pieces: Iterable[str | bytes], *, durable: bool = True) -> None:
    """Write a file atomically, creating its folder if missing.

    pieces: text is encoded as UTF-8. durable: wait until the file is on the disk; not needed for
        what can be written again at any time.
    Raises `UsageError` if it cannot be written; an older file stays unchanged.
    """
    # A fixed name: the next run overwrites what a killed run has left.
    part = file.with_name(f".{file.name[:100]}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            with part.open("wb") as opened:
                opened.writelines(map(_bytes, pieces))
                if durable:
                    opened.flush()
                    os.fsync(opened.fileno())
            part.replace(file)
        except BaseException:
            with contextlib.suppress(OSError):
                part.unlink()
            raise
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(
            f"{file} cannot be written ({why}). Mend that, and run it again."
        ) from None


def _bytes(piece: str | bytes) -> bytes:
    return piece.encode("utf-8", "backslashreplace") if isinstance(piece, str) else piece
