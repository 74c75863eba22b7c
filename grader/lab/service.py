"""The scripted service, and the source that the items come from.

The service does on each try what the scenario says. It notes when a try begins and how it ends,
so that a wait between two tries is measured whichever way it was written.
"""

from __future__ import annotations

import asyncio
import builtins
from collections.abc import Iterator
from typing import Any

from grader.lab.recorder import Recorder
from grader.scenario import ALWAYS, Job

__all__ = ["MOST_TRIES", "Items", "Service", "source"]

_BUSY, _LOST = "503 busy, try again", "the connection was lost"
_REFUSED = "the service refuses this item"
MOST_TRIES = 1_000  # of one item; no exercise asks for more than a few dozen


class Items:
    """The scenario's items as fresh objects, told apart by identity where they are equal.

    Raises `ValueError` for equal items that are one object wherever they come from: small numbers,
    single characters, True and False.
    """

    def __init__(self, jobs: tuple[Job, ...]) -> None:
        self.objects = [_fresh(job.item) for job in jobs]
        self._by_identity = {id(item): index for index, item in enumerate(self.objects)}
        if len(self._by_identity) < len(jobs):
            raise ValueError("equal items must be numbers from 257 on, or strings of some length")

    def index_of(self, item: Any) -> int | None:
        """The item's place in the scenario, or None for anything else (a sentinel, say).

        An object that is not one of ours counts when it is of the same type and equal to one
        (it may have been copied on its way), never by an `__eq__` of the learner's.
        """
        index = self._by_identity.get(id(item))
        if index is not None and self.objects[index] is item:
            return index
        if type(item) not in (str, int, float, bool):
            return None
        for index, known in enumerate(self.objects):
            if type(known) is type(item) and known == item:
                return index
        return None


def _fresh(item: Any) -> Any:
    if type(item) is str:
        return "".join(list(item))
    if type(item) in (int, float):
        return type(item)(repr(item))
    if type(item) in (list, tuple):
        return type(item)(list(item))
    return item


def source(items: Items, recorder: Recorder, *, lazy: bool) -> Any:
    """The iterable that is handed to the learner's code; each item taken is noted."""

    def pull() -> Iterator[Any]:
        for index, item in enumerate(items.objects):
            recorder.add("take", index)
            yield item
        recorder.add("drained")

    return pull() if lazy else _Iterable(pull)


class _Iterable:
    """Something to iterate over, once or more, with no length, no index and no `next`."""

    def __init__(self, pull: Any) -> None:
        self.__pull = pull

    def __iter__(self) -> Iterator[Any]:
        iterator: Iterator[Any] = self.__pull()
        return iterator


class Service:
    """The unreliable service: an async callable that plays the scenario's script."""

    def __init__(
        self,
        jobs: tuple[Job, ...],
        items: Items,
        recorder: Recorder,
        transient: type[Exception] | None,
    ) -> None:
        self._jobs = jobs
        self._items = items
        self._recorder = recorder
        self._transient = transient
        self._busier: type[Exception] | None = None
        if transient is not None:
            self._busier = type("ServiceBusy", (transient,), {})
        self._tries = [0] * len(jobs)

    async def __call__(self, item: Any) -> None:
        recorder = self._recorder
        index = self._items.index_of(item)
        if index is None:
            recorder.add("stranger", type(item).__name__)
            raise TypeError(f"the service was called with something that is no item: {item!r:.80}")
        job = self._jobs[index]
        self._tries[index] += 1
        number = self._tries[index]
        if number > MOST_TRIES:  # and so it would go on until the processor's time is up
            recorder.endless = True
            await _for_ever()
        recorder.add("begin", index, number)
        try:
            if job.seconds > 0:
                await _pause(job.seconds)
        except BaseException as error:
            cancelled = isinstance(error, asyncio.CancelledError)
            recorder.add("finish", index, number, "cancelled" if cancelled else "stopped")
            raise
        if job.fails == ALWAYS or number <= job.fails:
            recorder.add("finish", index, number, "transient")
            raise self._failure(index, number)
        if job.error is not None:
            recorder.add("finish", index, number, "error")
            raise _error_named(job.error) from (self._failure(index, number) if job.fails else None)
        recorder.add("finish", index, number, "ok")

    def _failure(self, index: int, number: int) -> BaseException:
        """A `TransientError` of the learner's module; every third time one of a subclass.

        Every other item's failures say nothing from the second on, the others' the same each time.
        """
        assert self._transient is not None, "a scenario with failures needs a TransientError"
        kind = self._busier if number % 3 == 0 and self._busier else self._transient
        try:
            return kind(_BUSY if number == 1 else "" if index % 2 else _LOST)
        except Exception:  # the learner's own __init__ may ask for something else
            return kind.__new__(kind)


def _pause(seconds: float) -> asyncio.Future[None]:
    """A wait of the service's own: no sleep of the learner's, and out of the reach of patches."""
    loop: Any = asyncio._get_running_loop()
    future: asyncio.Future[None] = loop.create_future()
    loop.service_timer(seconds, future)
    return future


def _for_ever() -> asyncio.Future[None]:
    loop: Any = asyncio._get_running_loop()
    future: asyncio.Future[None] = loop.create_future()
    return future


def _error_named(name: str) -> BaseException:
    if name == "CancelledError":  # as when something that the service awaits was cancelled
        return asyncio.CancelledError()
    kind = getattr(builtins, name, None)
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        return _refusal(name)
    error: BaseException = kind(_REFUSED)
    return error


def _refusal(name: str) -> Exception:
    """An error of a class of its own, which is made in another way than most."""

    def init(self: Any, *, reason: str) -> None:
        Exception.__init__(self, reason)

    init.__qualname__ = f"{name}.__init__"
    error: Exception = type(name, (Exception,), {"__init__": init})(reason=_REFUSED)
    return error
