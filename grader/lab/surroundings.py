"""Restores the interpreter's settings before the lab continues after the learner's code."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from collections.abc import Callable, Iterable
from typing import Any

__all__ = ["Surroundings"]

_MONITORS: Any = getattr(sys, "monitoring", None)  # new in 3.12
_TOOLS = range(6)
_set_timer: Callable[[int, float], object] | None = getattr(signal, "setitimer", None)
_CLOCKS = [
    getattr(signal, name) for name in ("ITIMER_REAL", "ITIMER_VIRTUAL") if hasattr(signal, name)
]
_set_running_loop = asyncio._set_running_loop
_trace, _set_trace, _profile, _set_profile = (
    *(sys.gettrace, sys.settrace),
    *(sys.getprofile, sys.setprofile),
)
_limit, _set_limit = sys.getrecursionlimit, sys.setrecursionlimit


class Surroundings:
    """The interpreter's settings at the time this object was made."""

    def __init__(self) -> None:
        self._depth = _limit()
        # Set if the lab runs under a debugger or coverage.
        self._trace, self._profile = _trace(), _profile()
        self._monitors = _monitors()

    def put_back(self) -> None:
        """Undo tracing, monitoring, timers, gc callbacks and a changed recursion limit."""
        if _trace() is not self._trace:
            _set_trace(self._trace)
        if _profile() is not self._profile:
            _set_profile(self._profile)
        if _limit() != self._depth:
            _set_limit(self._depth)
        if gc.callbacks:
            gc.callbacks.clear()
        if _set_timer is not None:
            for clock in _CLOCKS:
                _set_timer(clock, 0)
        if (found := _monitors()) != self._monitors:
            _end_monitors(found.keys() - self._monitors)
        _set_running_loop(None)


def _monitors() -> dict[tuple[int, str], int]:
    """The tools that monitor what is executed: the events of each, by its number and name."""
    if _MONITORS is None:
        return {}
    names = ((tool, _MONITORS.get_tool(tool)) for tool in _TOOLS)
    return {(tool, name): _MONITORS.get_events(tool) for tool, name in names if name is not None}


def _end_monitors(tools: Iterable[tuple[int, str]]) -> None:
    for tool, _ in tools:
        _MONITORS.set_events(tool, 0)
        _MONITORS.free_tool_id(tool)
