"""Names files so that every operating system takes them, and no two are the same."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from pathlib import Path

__all__ = ["LONGEST", "SafeNames", "on_disk"]

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


def on_disk(path: Path) -> Path:
    """Return the path with its last part in UTF-8: not every locale has every letter."""
    return path.with_name(os.fsdecode(path.name.encode("utf-8", "surrogateescape")))


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
