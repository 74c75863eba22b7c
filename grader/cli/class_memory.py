"""What a class's store remembers of the command line, so that a later run brings all files up to date.

Whether submissions are trusted is not remembered: each run says that anew.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader.cli.class_fill import PLATFORMS

__all__ = ["as_data", "completed"]

FILES = (
    *("gradescope", "classroom50", "exercism", "junit"),
    *PLATFORMS,
    *("policy", "overrides"),
)
LISTS = ("counted", "feedback", *(f"{name}_column" for name in PLATFORMS))
FLAGS = ("overwrite", "times")


def completed(
    options: Namespace, earlier: Mapping[str, Any], *, anew: bool
) -> tuple[Namespace, frozenset[str]]:
    """Return the options, completed by those of an earlier run, and the names of the latter.

    anew: what counts is not taken from the earlier run.
    """
    # Columns belong to their file: another file of this run has others.
    typed = {f"{name}_column" for name in FILES if getattr(options, name)}
    left = typed | ({"counted"} if anew else set())
    found = {
        name: earlier[name]
        for name in (*FILES, *LISTS, *FLAGS)
        if earlier.get(name) and not getattr(options, name) and name not in left
    }
    values = {name: Path(value) if name in FILES else value for name, value in found.items()}
    return Namespace(**{**vars(options), **values}), frozenset(found)


def as_data(options: Namespace) -> dict[str, Any]:
    """Return what a later run goes on with, as plain data."""
    data: dict[str, Any] = {
        name: str(path.absolute()) for name in FILES if (path := getattr(options, name))
    }
    return data | {name: value for name in (*LISTS, *FLAGS) if (value := getattr(options, name))}
