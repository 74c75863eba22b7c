"""Guesses an exercise from the folder that a file lies in: `ex1/main.py`, or `main.py` in `ex1.zip`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace

from grader.intake.guesses import Guess, Kind, Strength
from grader.intake.listing import Found
from grader.intake.names import Names

__all__ = ["OnlyInFolder"]

ENDINGS = {".py": Kind.CODE, ".ipynb": Kind.NOTEBOOK}
NOT_MEANT = ("__init__.", "conftest.", "setup.", "test")  # how names begin that are no exercise's
_ARCHIVE = ".zip"


class OnlyInFolder:
    """Knows in which folders a file of code is alone. found: files whose names name no exercise."""

    def __init__(self, found: Iterable[Found], names: Names) -> None:
        self._names = names
        self._count = Counter(one.parts[:-1] for one in found if _kind(one.name))

    def guess(self, found: Found, named: Collection[str]) -> Guess | None:
        """Return the exercise that the folder names, unless other files name it too.

        named: the exercises that files name by themselves.
        """
        kind = _kind(found.name)
        if kind is None or len(found.parts) < 2 or self._count[found.parts[:-1]] > 1:
            return None
        folder = found.parts[-2]
        stem = folder[: -len(_ARCHIVE)] if folder.lower().endswith(_ARCHIVE) else folder
        guess = None if stem.isdigit() else self._names.guess(f"{stem}.py")
        if (
            guess is None
            or guess.strength is Strength.ASKED
            or not {*guess.exercises}.isdisjoint(named)
        ):
            return None
        return replace(guess, strength=Strength.NUMBER, kind=kind, who="", repeat=0)


def _kind(name: str) -> Kind | None:
    lower = name.lower()
    if lower.startswith(NOT_MEANT):
        return None
    return next((kind for ending, kind in ENDINGS.items() if lower.endswith(ending)), None)
