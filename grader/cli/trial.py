"""Tries the lab on this Python before the first verdict: a wrong one would be worse than none."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from grader.errors import GraderFault

if TYPE_CHECKING:
    from grader.practice.progress import Store

__all__ = ["ADVICE", "try_lab"]

ADVICE = "Take another version of Python, 3.11 to 3.13, and please report this."
_PARTS = Path(__file__).parents[1] / "lab" / "parts.py"


def try_lab(store: Store | None) -> None:
    """Try the parts of Python that the lab leans on, unless that was done; remembered in the store.

    store: None for a folder that is not the learner's own. Raises `GraderFault` with the parts that are
    not as expected.
    """
    tried = f"lab {sys.version} {_edition()}"
    if store is not None and store.was_told(tried):
        return
    found = _missing()
    if found:
        raise GraderFault(f"Nothing was graded: {' '.join(found)} {ADVICE}")
    if store is not None:
        store.told(tried)


def _edition() -> str:
    """Return what changes with the lab; the package's version takes longer to find out."""
    known = _PARTS.stat()
    return f"{known.st_size} {known.st_mtime_ns}"


@cache
def _missing() -> tuple[str, ...]:
    from grader.lab.parts import missing  # noqa: PLC0415 - asyncio takes its time

    return missing()
