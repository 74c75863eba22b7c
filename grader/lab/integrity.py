"""Notices whether the learner's code changed modules that the lab itself stands on."""

from __future__ import annotations

import asyncio
import asyncio.base_events
import asyncio.events
import asyncio.futures
import asyncio.queues
import asyncio.tasks
import builtins
import heapq
import inspect
import json
import json.encoder
import selectors
from typing import Any

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


_vars = vars


class Seal:
    """The names of the watched modules, as they were when the seal was put on."""

    def __init__(self) -> None:
        self._names = [(owner, _vars(owner).copy()) for owner in _WATCHED]

    def broken(self) -> list[str]:
        """What was replaced or taken away since, as `module.name`."""
        return [
            f"{owner.__name__}.{name}"
            for owner, names in self._names
            for name, value in names.items()
            if not name.startswith("__") and _vars(owner).get(name, self) is not value
        ]
