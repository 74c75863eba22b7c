"""Keeps errors in optional details of a verdict from changing the verdict."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

__all__ = ["contained"]

_Result = TypeVar("_Result")


def contained(look: Callable[[], _Result], otherwise: _Result) -> _Result:
    """Return the result of `look`, or `otherwise` if it raises an exception.

    For code that reads a learner's source or trace to add details to a verdict: deeply nested source or
    an unforeseen trace must not prevent the verdict.
    """
    try:
        return look()
    except Exception:  # noqa: BLE001 - RecursionError and MemoryError are the likely ones
        return otherwise
