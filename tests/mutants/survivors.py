"""Reads the list of mutants that keep the contract, and finds what in it is not so."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["LIST", "Kept", "explained", "load", "stale"]

LIST = Path(__file__).with_name("survivors.toml")


@dataclass(frozen=True)
class Kept:
    """Mutants that keep the contract, and why.

    names: of mutants; `...` stands for anything, so that a name may be that of a whole family:
        then all of it survives.
    """

    reason: str
    names: tuple[str, ...]

    def covers(self, name: str) -> bool:
        """Is this mutant one of them?"""
        return any(_fits(pattern, name) for pattern in self.names)


def _fits(pattern: str, name: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("..."))), name) is not None


def load(path: Path = LIST) -> tuple[Kept, ...]:
    """The list. Raises `KeyError` or `TypeError` for an entry without a reason or names."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["kept"]
    return tuple(Kept(entry["reason"].strip(), tuple(entry["mutants"])) for entry in entries)


def explained(kept: Iterable[Kept], name: str) -> str | None:
    """Why a mutant keeps the contract, or None."""
    return next((one.reason for one in kept if one.covers(name)), None)


def stale(kept: Iterable[Kept], made: Sequence[str], survived: Sequence[str]) -> list[str]:
    """What is wrong in the list: names of no mutant, and of mutants that did not survive."""
    alive = set(survived)
    wrong = []
    for pattern in (pattern for one in kept for pattern in one.names):
        fitting = [name for name in made if _fits(pattern, name)]
        if not fitting:
            wrong.append(f"there is no such mutant: {pattern}")
        wrong += [f"does not survive: {name}" for name in fitting if name not in alive]
    return wrong
