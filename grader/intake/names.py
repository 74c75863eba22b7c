"""Reads file names: which exercise one is named like, and what no learner wrote."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["LONGEST", "Named", "Names", "is_litter", "printable"]

LONGEST = 400  # characters; a name in a zip may have 65,535, and a pattern may take long over them
# As Canvas (`ex2-1.py`), browsers and Moodle (`ex2 (1).py`, `ex2(1).py`) number a repeated upload.
_REPEAT = r"(?:-(?P<dash>\d{1,6})|\s?\((?P<parenthesis>\d{1,6})\))?"
_NUMBERED = re.compile(r"(?:.*[^a-z])?ex(?:ercise)?[ _-]?(\d+)(?:\D.*)?\.py", re.DOTALL)
_LITTER_FOLDERS = {
    "__macosx", "__pycache__", ".git", ".hg", ".idea", ".ipynb_checkpoints", ".mypy_cache", ".nox",
    ".pytest_cache", ".ruff_cache", ".svn", ".tox", ".venv", ".vscode", "node_modules",
    "site-packages", "venv",
}  # fmt: skip
_LITTER_FILES = {".ds_store", "desktop.ini", "thumbs.db"}
_LITTER_STARTS = ("._", ".#", "~$")
_LITTER_ENDS = ("~", ".bak", ".orig", ".pyc", ".swo", ".swp", ".tmp")


@dataclass(frozen=True)
class Named:
    """A file name that is an exercise's. `who` stood before it; `repeat` is 0 for the first upload."""

    exercise: str
    repeat: int = 0
    who: str = ""


class Names:
    """The names of the exercises' files. exercises: their ids, in the order of the course."""

    def __init__(self, exercises: Iterable[str]) -> None:
        self.ids = tuple(exercises)
        self._by_lower = {name.lower(): name for name in self.ids}
        ids = "|".join(re.escape(name) for name in sorted(self.ids, key=len, reverse=True))
        self._pattern = re.compile(
            rf"(?:(?P<who>.+?)[ ._-]+)?(?P<id>{ids}){_REPEAT}\.py", re.IGNORECASE | re.DOTALL
        )

    def read(self, name: str) -> Named | None:
        """What a file's name says, or None when it is not named like an exercise."""
        usable = self.ids and len(name) <= LONGEST
        found = self._pattern.fullmatch(name.strip()) if usable else None
        if found is None:
            return None
        repeat = int(found["dash"] or found["parenthesis"] or 0)
        return Named(self._by_lower[found["id"].lower()], repeat, found["who"] or "")

    def exercise(self, name: str) -> Named | None:
        """The same for a file within a submission: nothing may stand before the exercise's name."""
        named = self.read(name)
        return named if named and not named.who else None

    def meant(self, name: str) -> str | None:
        """The exercise that a Python file seems to be meant for by its number, such as `ex2.py`."""
        found = _NUMBERED.fullmatch(name[-LONGEST:].strip().lower())
        ids = [one for one in self.ids if found and one.partition("_")[0] == f"ex{found[1]}"]
        return ids[0] if len(ids) == 1 else None


def is_litter(name: str, *, folder: bool) -> bool:
    """True for what systems, editors and tools leave behind, which nobody means to hand in."""
    lower = name.lower()
    if folder:
        return lower in _LITTER_FOLDERS
    return (
        lower in _LITTER_FILES or lower.startswith(_LITTER_STARTS) or lower.endswith(_LITTER_ENDS)
    )


def printable(name: str) -> str:
    """A name that every file and database can hold; bytes of no known encoding by their codes."""
    try:
        return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # a lone surrogate that no byte of a file system stands behind
        return name.encode("utf-8", "backslashreplace").decode("utf-8")
