"""Tries the parts of Python that the lab leans on and that a new Python may change without notice.

Most of them are private. Without one of them a scenario would be recorded wrongly, and a verdict would be
wrong; so each is tried by itself, and the one that is missing is named. Nothing of the lab is imported:
it might not even load.
"""

from __future__ import annotations

import asyncio
import asyncio.base_events
import asyncio.tasks
import functools
import gc
import importlib
import platform
import random
import selectors
import sys
import warnings
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

__all__ = ["PARTS", "Part", "missing"]

_MOST_TURNS = 10  # of a loop that needs two


@dataclass(frozen=True)
class Part:
    """One part: its name, what the lab does with it, and a probe that is true if it is as expected.

    since: the first version of Python that has it.
    """

    name: str
    used: str
    probe: Callable[[], object]
    since: tuple[int, int] = (3, 11)


def missing() -> tuple[str, ...]:
    """Say of each part that is not as the lab expects it what it is for; () if all are."""
    here = f"{platform.python_implementation()} {platform.python_version()}"
    return tuple(
        f"{part.name} is not on this Python ({here}) as the lab expects it: it {part.used}.{why}"
        for part in PARTS
        if sys.version_info[:2] >= part.since and (why := _why_not(part)) is not None
    )


def _why_not(part: Part) -> str | None:
    """Return why a part is not as expected, " (...)" or ""; None if it is."""
    try:
        return None if part.probe() else ""
    except Exception as error:  # whatever it is
        return f" ({type(error).__name__}: {error})"


# -- the loop --------------------------------------------------------------------------------------


def _on_loop(look: Callable[[Any], object]) -> Callable[[], object]:
    """Return a probe that looks at a fresh event loop, which is not running."""

    def probe() -> object:
        loop = asyncio.SelectorEventLoop()
        try:
            return look(loop)
        finally:
            loop.close()

    return probe


async def _nothing() -> None:
    """Do nothing: it is never run to its end."""


def _has_ready_tasks(loop: Any) -> bool:
    coroutine = _nothing()
    task = asyncio.Task(coroutine, loop=loop)
    (handle,) = loop._ready
    found = handle._callback.__self__ is task
    loop._ready.clear()
    task._log_destroy_pending = False  # type: ignore[attr-defined]  # it never runs, on purpose
    coroutine.close()
    return found


def _has_timers(loop: Any) -> bool:
    late, soon = loop.call_at(2.0, id, 1), loop.call_at(1.0, id, 1)
    scheduled = loop._scheduled
    return (
        scheduled[0] is soon and late in scheduled and soon._when == 1.0 and soon._scheduled is True
    )


def _moves_its_clock(loop: Any) -> bool:
    """The loop asks its selector how long to wait, and its own `time` what is due."""
    waited: list[float | None] = []
    now = [0.0]
    loop.time = lambda: now[0]
    loop._clock_resolution = 1e-9

    def select(timeout: float | None = None) -> list[Any]:
        waited.append(timeout)
        if len(waited) > _MOST_TURNS:
            raise RuntimeError("a timer does not fire when its time has come")
        now[0] += timeout or 0.0
        return []

    loop._selector.select = select
    loop.call_later(5.0, loop.stop)
    loop.run_forever()
    del loop._selector.select
    return now[0] == 5.0 and 5.0 in waited


# -- tasks and coroutines --------------------------------------------------------------------------


def _of_waiting(look: Callable[[Any], object]) -> Callable[[], object]:
    """Return a probe that looks at a coroutine that waits for a future inside another one."""

    def probe() -> object:
        loop = asyncio.SelectorEventLoop()
        future = loop.create_future()

        async def inner() -> None:
            await future

        async def outer() -> None:
            await inner()

        coroutine: Coroutine[Any, Any, None] = outer()
        try:
            coroutine.send(None)
            return look(coroutine)
        finally:
            coroutine.close()
            loop.close()

    return probe


def _hashes_by_number() -> bool:
    """A subclass of Task may set its hash before it is registered, and keeps its own slots."""

    class Numbered(asyncio.Task[Any]):
        __slots__ = ("number",)
        number: int

        def __hash__(self) -> int:
            return self.number

        def __eq__(self, other: object) -> bool:
            return self is other

    loop, coroutine = asyncio.SelectorEventLoop(), _nothing()
    task = Numbered.__new__(Numbered)
    task.number = 7
    Numbered.__init__(task, coroutine, loop=loop)
    known = task in asyncio.all_tasks(loop) and task.get_coro() is coroutine
    task._log_destroy_pending = False  # type: ignore[attr-defined]
    loop._ready.clear()  # type: ignore[attr-defined]
    coroutine.close()
    loop.close()
    return known and hash(task) == 7


async def _generates() -> Any:
    yield 1


def _refers_to_its_generator() -> bool:
    generator = _generates()
    step = generator.__anext__()
    found = type(step).__name__ == "async_generator_asend" and generator in gc.get_referents(step)
    step.close()
    return found


# -- queues and all else ---------------------------------------------------------------------------


def _queue_shows_itself() -> bool:
    queue: Any = asyncio.Queue(3)
    queue.put_nowait("a")
    return len(queue._queue) == 1 and queue._maxsize == 3 and queue._unfinished_tasks == 1


def _queue_calls_its_own() -> bool:
    """`put` and `get` go through `put_nowait` and `get_nowait`, each once: there items are recorded."""
    calls: list[str] = []

    class Watched(asyncio.Queue[str]):
        def put_nowait(self, item: str) -> None:
            calls.append("put")
            super().put_nowait(item)

        def get_nowait(self) -> str:
            calls.append("get")
            return super().get_nowait()

    queue = Watched()
    for coroutine in (queue.put("a"), queue.get()):
        try:
            coroutine.send(None)
        except StopIteration:
            continue
        coroutine.close()
    return calls == ["put", "get"]


def _wraps_without_a_cache() -> bool:
    calls: list[int] = []
    wrap: Any = functools._lru_cache_wrapper
    hidden = wrap(calls.append, 0, False, int)
    hidden(1)
    hidden(1)
    return calls == [1, 1] and not hasattr(hidden, "__wrapped__")


def _draws_from_the_source_that_is_patched() -> bool:
    source: Any = random
    return callable(source._inst.seed) and len(source._urandom(2)) == 2


def _tells_texts_apart() -> bool:
    lean = importlib.import_module("_sha2" if sys.version_info >= (3, 12) else "_sha512")
    return len(lean.sha512(b"").hexdigest()) == 128


def _places_of_errors() -> bool:
    code = compile("x = 1\n", "probe", "exec")
    return any(line == 1 for line, *_ in code.co_positions())


def _monitors() -> bool:
    found: Any = getattr(sys, "monitoring", None)
    return all(callable(getattr(found, n)) for n in ("get_tool", "set_events", "free_tool_id"))


PARTS: tuple[Part, ...] = (
    Part(
        "asyncio._get_running_loop",
        "tells whether the learner's code runs on the loop",
        lambda: callable(asyncio._get_running_loop),
    ),
    Part(
        "asyncio._set_running_loop",
        "ends a scenario whose loop was left running",
        lambda: callable(asyncio._set_running_loop),
    ),
    Part(
        "the event loop's `_ready`",
        "tells which tasks are about to run",
        _on_loop(_has_ready_tasks),
    ),
    Part(
        "the event loop's `_scheduled`",
        "tells to which timer virtual time moves",
        _on_loop(_has_timers),
    ),
    Part(
        "the event loop's `time` and `_selector`",
        "moves virtual time where the loop would wait",
        _on_loop(_moves_its_clock),
    ),
    Part(
        "the event loop's `_check_closed`",
        "refuses timers on a loop that is closed",
        _on_loop(lambda loop: loop._check_closed() is None),
    ),
    Part(
        "the event loop's `_default_executor`",
        "ends the learner's threads with the scenario",
        _on_loop(lambda loop: loop._default_executor is None),
    ),
    Part(
        "the selector's `_fd_to_key`",
        "tells whether a file may be ready",
        lambda: len(selectors.DefaultSelector()._fd_to_key) == 0,  # type: ignore[attr-defined]
    ),
    Part(
        "asyncio.TimerHandle's `_run`",
        "reports that a timer has fired",
        lambda: callable(asyncio.TimerHandle._run),
    ),
    Part(
        "a subclass of asyncio.Task",
        "keeps sets of tasks in the same order in every run",
        _hashes_by_number,
    ),
    Part(
        "a coroutine's `cr_await`",
        "finds the line at which a task waits",
        _of_waiting(lambda one: one.cr_await.cr_frame.f_lineno > 0 and one.cr_await.cr_await),
    ),
    Part(
        "the step of an async generator",
        "finds the line at which a task waits in one",
        _refers_to_its_generator,
    ),
    Part(
        "asyncio.TaskGroup's `__aexit__`",
        "finds the error that a task group is about to raise",
        lambda: "exc" in asyncio.TaskGroup.__aexit__.__code__.co_varnames,
    ),
    Part(
        "asyncio.Queue's `_queue`, `_maxsize` and `_unfinished_tasks`",
        "records how full a queue is, and what join() waits for",
        _queue_shows_itself,
    ),
    Part(
        "asyncio.Queue's `put` and `get`",
        "records each item once, where it goes in and comes out",
        _queue_calls_its_own,
    ),
    Part(
        "asyncio.tasks.as_completed",
        "tells its queue from the learner's",
        lambda: asyncio.tasks.as_completed is asyncio.as_completed,
    ),
    Part(
        "asyncio.tasks._unregister_task",
        "keeps every task in sight",
        lambda: callable(asyncio.tasks._unregister_task),
    ),
    Part(
        "BaseEventLoop.run_forever",
        "runs the loop",
        lambda: callable(asyncio.base_events.BaseEventLoop.run_forever),
    ),
    Part(
        "functools._lru_cache_wrapper",
        "keeps the lab out of the learner's reach",
        _wraps_without_a_cache,
    ),
    Part(
        "random._inst and random._urandom",
        "draws the same numbers again for the same seed",
        _draws_from_the_source_that_is_patched,
    ),
    Part(
        "the module behind hashlib.sha512",
        "keeps long keys apart that differ only at their end",
        _tells_texts_apart,
    ),
    Part(
        "warnings._warn_unawaited_coroutine",
        "notices a coroutine that nobody awaited",
        lambda: callable(warnings._warn_unawaited_coroutine),  # type: ignore[attr-defined]
    ),
    Part(
        "sys._getframe",
        "finds the learner's line",
        lambda: sys._getframe(0).f_code.co_filename == __file__,
    ),
    Part(
        "a code object's `co_positions`",
        "points at the place of an error in its line",
        _places_of_errors,
    ),
    Part(
        "sys.monitoring",
        "ends tracing that the learner's code has begun",
        _monitors,
        since=(3, 12),
    ),
)
