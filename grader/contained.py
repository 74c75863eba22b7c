"""Keeps a failure in what only decorates a verdict from changing the verdict."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

__all__ = ["contained"]

_Result = TypeVar("_Result")


def contained(look: Callable[[], _Result], otherwise: _Result) -> _Result:
    """What `look` returns, or `otherwise` when it raises anything.

    For whatever reads a learner's source or trace to decorate a verdict: code that nests too deeply, or
    a trace that nobody foresaw, must not decide whether there is a verdict.
    """
    try:
        return look()
    except Exception:  # noqa: BLE001 - RecursionError and MemoryError are the likely ones
        return otherwise
