"""The floor of what grading can cost: scripts on the least virtual loop there can be, nothing recorded.

A loop whose selector never waits, a service that does what is planned and notes nothing, asyncio's own
queues. What the lab adds to this is recording, ordering and safety; what the grader adds is the judging.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import selectors
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from grader.script import QUIET, Own, Ref, Script, Service

__all__ = ["load", "play"]


class Stopped(Exception):
    """Nothing can happen any more."""


class Loop(asyncio.SelectorEventLoop):
    """Time passes by itself: to the next timer, at once."""

    def __init__(self) -> None:
        selector: Any = selectors.DefaultSelector()
        selector.select = self._select
        self._now = 0.0
        super().__init__(selector)
        self.set_exception_handler(lambda _loop, _context: None)  # errors are part of the scripts

    def time(self) -> float:
        return self._now

    def _select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise Stopped
        if timeout > 0:
            self._now = self._scheduled[0].when()  # type: ignore[attr-defined]
        return []


def load(code: str, name: str) -> types.ModuleType:
    """The module of a submission that is trusted."""
    module = sys.modules[name] = types.ModuleType(name)  # where dataclasses look it up
    exec(compile(code, name, "exec"), vars(module))  # noqa: S102 - a reference of the course's
    return module


def play(module: types.ModuleType, scripts: Sequence[Script]) -> None:
    """Play the scripts, one after the other, each on a loop of its own."""
    with contextlib.redirect_stdout(io.StringIO()):
        for script in scripts:
            _play(module, script)


def _play(module: types.ModuleType, script: Script) -> None:
    loop = Loop()
    asyncio.set_event_loop(loop)
    try:
        mains = _begin(module, script, loop)
        if script.ends == QUIET:
            with contextlib.suppress(Stopped):
                loop.run_forever()
        else:
            with contextlib.suppress(Exception, BaseExceptionGroup):
                loop.run_until_complete(asyncio.gather(*mains))
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        with contextlib.suppress(Stopped):
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        for task in left:
            task.cancelled() or task.exception()
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def _begin(module: types.ModuleType, script: Script, loop: Loop) -> list[asyncio.Task[Any]]:
    items = [str(item) if type(item) is str else item for item in script.items]
    queues: list[asyncio.Queue[Any]] = [asyncio.Queue(one.maxsize) for one in script.queues]
    things: Mapping[str, Sequence[Any]] = {
        "source": [iter(items[one.first : one.last]) for one in script.sources],
        "queue": queues,
        "service": [_service(module, one, items) for one in script.services],
        "counts": [dict.fromkeys(script.counts, 0)],
    }
    for action in script.actions:
        if action.do == "put":
            _at(loop, action.at, partial(queues[action.what[0]].put_nowait, items[action.what[1]]))
    mains: list[asyncio.Task[Any]] = []

    def begin(call: Callable[[], Any]) -> None:
        mains.append(loop.create_task(call()))

    for call in script.calls:
        values = [things[v.kind][v.number] if isinstance(v, Ref) else v for v in call.values]
        function = getattr(module, call.function)
        _at(loop, call.at, partial(begin, partial(function, *values, **call.options)))
    for action in script.actions:
        if action.do == "cancel":
            loop.call_at(action.at, lambda: [task.cancel() for task in mains])
    return mains


def _at(loop: Loop, when: float, action: Callable[[], Any]) -> None:
    if when <= 0:
        action()
    else:
        loop.call_at(when, action)


def _service(module: types.ModuleType, service: Service, items: list[Any]) -> Any:
    places: dict[int, int] = {}
    for place, item in enumerate(items):
        places.setdefault(id(item), place)
    tries = [0] * len(items)
    own = service.failing
    failing: Any = getattr(module, own.name, Exception) if isinstance(own, Own) else Exception

    async def call(item: Any) -> None:
        place = places.get(id(item), 0)
        tries[place] += 1
        act = service.plans[place].act(tries[place])
        if act.seconds > 0:
            await asyncio.sleep(act.seconds)
        if act.fails:
            raise failing
        if act.error is not None:
            raise ValueError

    return call
