"""Detects whether the learner's code changed modules that the lab depends on."""

from __future__ import annotations

import asyncio
import asyncio.base_events
import asyncio.events
import asyncio.futures
import asyncio.queues
import asyncio.selector_events
import asyncio.tasks
import builtins
import heapq
import inspect
import json
import json.encoder
import operator
import selectors
from collections.abc import Callable
from typing import Any

from grader.lab.loop import VirtualLoop
from grader.lab.ordered import LabTask, Timer

__all__ = ["Seal"]

_WATCHED: tuple[Any, ...] = (
    builtins,
    asyncio,
    asyncio.base_events,
    asyncio.base_events.BaseEventLoop,
    asyncio.events,
    asyncio.events.Handle,
    asyncio.futures,
    asyncio.queues,
    asyncio.Queue,
    asyncio.tasks,
    heapq,
    inspect,
    json,
    json.encoder,
    json.JSONEncoder,
    selectors,
    selectors.DefaultSelector,
)

# What recording a scenario depends on: once any of it is changed, the record cannot be trusted.
_FOUNDATIONS: tuple[Any, ...] = (
    builtins,
    asyncio.base_events.BaseEventLoop,
    asyncio.selector_events.BaseSelectorEventLoop,
    asyncio.events.Handle,
    asyncio.events.TimerHandle,
    asyncio.Queue,
    heapq,
    selectors.DefaultSelector,
    VirtualLoop,
    LabTask,
    Timer,
)

_vars, _callable, _id = vars, callable, id


class Seal:
    """The contents of the watched modules at the time this object was made."""

    def __init__(self) -> None:
        self._names = [(owner, _vars(owner).copy()) for owner in _WATCHED]
        self._foundations = [_callables(owner) for owner in _FOUNDATIONS]

    def foundations_changed(self) -> list[str]:
        """The names among `_FOUNDATIONS` that were replaced since, as `module.name`; usually none."""
        for owner, places, get in self._foundations:
            try:
                if tuple(map(_id, get(_vars(owner)))) == places:
                    continue
            except KeyError:
                pass
            return self.broken() or [owner.__name__]
        return []

    def broken(self) -> list[str]:
        """The watched names that were replaced or removed since, as `module.name`."""
        return [
            f"{owner.__name__}.{name}"
            for owner, names in self._names
            for name, value in names.items()
            if not name.startswith("__") and _vars(owner).get(name, self) is not value
        ]


def _callables(owner: Any) -> tuple[Any, tuple[int, ...], Callable[[Any], tuple[Any, ...]]]:
    """A module or class, the ids of its callables, and a getter that reads these by name."""
    names = [name for name, value in _vars(owner).items() if _callable(value)]
    get = operator.itemgetter(*names)
    return owner, tuple(map(_id, get(_vars(owner)))), get
