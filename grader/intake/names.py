"""Reads file names: the exercise that one names, and whether a tool left it behind."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass

from grader.intake.guesses import Guess, Guesses, without_copy_words

__all__ = ["LONGEST", "Named", "Names", "in_utf8", "is_litter", "printable"]

LONGEST = 400  # characters; a name in a zip may have 65,535, on which the patterns are slow
# How Canvas (`ex2-1.py`), browsers and Moodle (`ex2 (1).py`, `ex2(1).py`) number a repeated upload.
_REPEAT = r"(?:-(?P<dash>\d{1,6})|\s?\((?P<parenthesis>\d{1,6})\))?"
_LITTER_FOLDERS = {
    "__macosx", "__pycache__", ".git", ".hg", ".idea", ".ipynb_checkpoints", ".mypy_cache", ".nox",
    ".pytest_cache", ".ruff_cache", ".svn", ".tox", ".venv", ".vscode", "node_modules",
    "site-packages", "venv",
}  # fmt: skip
_LITTER_FILES = {".ds_store", "desktop.ini", "thumbs.db"}
_LITTER_STARTS = ("._", ".#", "~$")
_LITTER_ENDS = ("~", ".bak", ".new", ".orig", ".pyc", ".swo", ".swp", ".tmp")


@dataclass(frozen=True)
class Named:
    """An exercise's file name. `who`: the text before it; `repeat`: 0 for the first upload."""

    exercise: str
    repeat: int = 0
    who: str = ""


class Names:
    """Recognises the exercises' file names. exercises: their ids, in the course's order."""

    def __init__(self, exercises: Iterable[str]) -> None:
        self.ids = tuple(exercises)
        self._guesses = Guesses(self.ids)
        self._by_lower = {name.lower(): name for name in self.ids}
        ids = "|".join(re.escape(name) for name in sorted(self.ids, key=len, reverse=True))
        self._pattern = re.compile(
            rf"(?:(?P<who>.+?)[ ._-]+)?(?P<id>{ids}){_REPEAT}\.py", re.IGNORECASE | re.DOTALL
        )

    def read(self, name: str) -> Named | None:
        """Return what a file name says, or None when it does not name an exercise."""
        usable = self.ids and len(name) <= LONGEST
        found = self._pattern.fullmatch(name.strip()) if usable else None
        if found is None:
            return None
        repeat = int(found["dash"] or found["parenthesis"] or 0)
        who = without_copy_words(found["who"] or "")
        if found["who"] and not who:
            return None  # "Copy of …", which is not a person
        return Named(self._by_lower[found["id"].lower()], repeat, who)

    def exercise(self, name: str) -> Named | None:
        """Like `read`, for a file within a submission: no text may precede the exercise's name."""
        named = self.read(name)
        return named if named and not named.who else None

    def guess(self, name: str) -> Guess | None:
        """Return what a name that `exercise` does not know was probably meant to say, or None."""
        return self._guesses.of(name)


def is_litter(name: str, *, folder: bool) -> bool:
    """Return True for names that systems, editors and tools leave behind, not learners."""
    lower = name.lower()
    if folder:
        return lower in _LITTER_FOLDERS
    return (
        lower in _LITTER_FILES or lower.startswith(_LITTER_STARTS) or lower.endswith(_LITTER_ENDS)
    )


def in_utf8(name: str) -> str:
    """Return a file's name as its bytes say in UTF-8, whatever encoding the locale has.

    Other bytes stay as they are.
    """
    if name.isascii():
        return name
    try:
        return os.fsencode(name).decode("utf-8")
    except UnicodeError:
        return name


def printable(name: str) -> str:
    """Return a name that every file and database can hold; undecodable bytes become escapes."""
    if name.isascii():
        return name
    try:
        return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # a lone surrogate that stands for no byte of a file name
        return name.encode("utf-8", "backslashreplace").decode("utf-8")
