"""Reads which points of the contract each subgoal stands for, from the assignment in a stub."""

from __future__ import annotations

import re

from grader.course import catalog
from grader.errors import CourseError

__all__ = ["HEADING", "named_in_stub", "points"]

HEADING = "Step by step"
"""What the subgoals stand under in a stub's assignment and on a page of the lesson."""

_IN_STUB = re.compile(rf"^{HEADING}\b.*\n\n((?: {{4}}\S.*\n)+)", re.MULTILINE)
_GAP = re.compile(r"\s{2,}")


def named_in_stub(source: str) -> dict[str, str]:
    """Return the subgoals that a stub's assignment names, each with its points: `1, 3`."""
    found = _IN_STUB.search(source)
    rows = [_GAP.split(line.strip(), 1) for line in found[1].splitlines()] if found else []
    return {name: "".join(rest) for name, *rest in rows}


def points(exercise: str) -> dict[str, str]:
    """Return the same for an exercise of the course; nothing for another one, as of an older store."""
    try:
        return named_in_stub(catalog.pristine(exercise))
    except CourseError:
        return {}
