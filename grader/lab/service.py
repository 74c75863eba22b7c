"""The scripted service, and the source that the items come from.

The service does on each try what the scenario says. It notes when a try begins and how it ends,
so that a wait between two tries is measured whichever way it was written.

What is handed to the learner's code leads nowhere: see `grader.lab.hidden`.
"""

from __future__ import annotations

import asyncio
import builtins
import inspect
from collections.abc import Callable, Iterator
from itertools import repeat
from types import CoroutineType
from typing import Any

from grader.lab.hidden import bare, opaque
from grader.lab.loop import Engine
from grader.lab.plain import LONGEST_NAME
from grader.lab.recorder import Recorder
from grader.scenario import ALWAYS, HARD_STOP, Job, Odd

__all__ = ["MOST_TRIES", "Items", "service", "source"]

_BUSY, _LOST = "503 busy, try again", "the connection was lost"
_REFUSED = "the service refuses this item"
_STRANGER = "the service was called with something that is no item: {}"
_Cancelled = asyncio.CancelledError
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

    def close(self) -> None:
        """Let go of the coroutines among them, which nobody has to await."""
        for item in self.objects:
            if type(item) is CoroutineType:
                item.close()

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
    return _odd_object(item.kind) if type(item) is Odd else item


def _odd_object(kind: str) -> Any:
    """An item of one of the kinds in `grader.scenario.ODD`."""
    if kind == "coroutine":
        return _parcel()
    if kind == "error":
        return ValueError("an item, which nobody has to raise")
    if kind == "cancelled":
        return _Cancelled("an item, which nobody has to raise")
    methods = {name: bare(method) for name, method in _METHODS[kind].items()}
    found = type("Parcel", (), {"__repr__": bare(_parcel_repr), **methods})
    return found if kind == "class" else found()


def _parcel_repr(_self: Any) -> str:
    return "parcel"


@bare
async def _parcel() -> str:
    return "parcel"


_METHODS: dict[str, dict[str, Any]] = {
    "equal": {"__eq__": lambda _self, _other: True, "__ne__": lambda _self, _other: False},
    "unequal": {"__eq__": lambda _self, _other: False, "__ne__": lambda _self, _other: True},
    "false": {"__bool__": lambda _self: False},
    "class": {},
}


def source(items: Items, recorder: Recorder, which: range, *, lazy: bool) -> Any:
    """The iterable that is handed to the learner's code; each item taken is noted.

    which: the places of its items.
    """
    note = (lambda *_event: None) if recorder.brief else recorder.add

    def pull() -> Iterator[Any]:
        def taken() -> Iterator[Any]:
            for index in which:
                note("take", index)
                yield items.objects[index]
            note("drained")

        one = taken()
        # A generator would show its frame; this ends with the StopIteration of `next`.
        return map(opaque(lambda _: next(one)), repeat(None))

    return pull() if lazy else _Iterable(opaque(pull))


class _Iterable:
    """Something to iterate over, once or more, with no length, no index and no `next`."""

    __slots__ = ("__iter",)

    def __init__(self, pull: Any) -> None:
        self.__iter = pull

    def __iter__(self) -> Iterator[Any]:
        iterator: Iterator[Any] = self.__iter()
        return iterator


_Iterable.__iter__ = bare(_Iterable.__iter__)  # type: ignore[method-assign]
_Iterable.__init__ = bare(_Iterable.__init__)  # type: ignore[method-assign]


def service(
    jobs: tuple[Job, ...],
    items: Items,
    recorder: Recorder,
    engine: Engine,
    transient: type[Exception] | None,
) -> tuple[Callable[[Any], Any], Callable[[], int]]:
    """The unreliable service: an async callable that plays the scenario's script.

    Returns it, and what tells how many tries have begun and not ended.
    """
    script = _Script(jobs, items, recorder, engine, transient)
    begin, settle = opaque(script.begin), opaque(script.settle)

    @bare
    async def process_item(item: Any) -> None:
        index, number, pause, error = begin(item)
        if error is None:
            try:
                if pause is not None:
                    await pause
            except BaseException as stop:
                settle(index, number, stop)
                raise
            error = settle(index, number, None)
        if error is not None:
            raise error

    process_item.__qualname__ = "Service.__call__"
    called = opaque(process_item)
    for mark, owner in (("_is_coroutine", asyncio.coroutines), ("_is_coroutine_mark", inspect)):
        if (value := vars(owner).get(mark)) is not None:  # `iscoroutinefunction` looks for it
            setattr(called, mark, value)
    return called, lambda: len(script._open)


class _Script:
    """What the service does on each try."""

    def __init__(
        self,
        jobs: tuple[Job, ...],
        items: Items,
        recorder: Recorder,
        engine: Engine,
        transient: type[Exception] | None,
    ) -> None:
        self._jobs = jobs
        self._items = items
        self._recorder = recorder
        self._engine = engine
        self._transient = transient
        self._busier: type[Exception] | None = None
        if transient is not None:
            self._busier = type("ServiceBusy", (transient,), {})
        self._tries = [0] * len(jobs)
        self._open: dict[tuple[int, int], asyncio.Future[None] | None] = {}  # with what they await

    def begin(self, item: Any) -> tuple[int, int, asyncio.Future[None] | None, Any]:
        """Begin a try: the item's place, the try's number, what to wait for; or else an error."""
        index = self._items.index_of(item)
        if index is None:
            self._recorder.add("stranger", type(item).__name__[:LONGEST_NAME])
            if type(item) is CoroutineType:  # of `q.get()`, most of the time
                self._recorder.note_unawaited(item)
            return 0, 0, None, TypeError(_STRANGER.format(_told(item)))
        job = self._jobs[index]
        self._recorder.check_task()
        self._tries[index] += 1
        number = self._tries[index]
        if number > MOST_TRIES:  # and so it would go on until the processor's time is up
            self._recorder.endless = True
            return index, number, self._engine.loop.create_future(), None
        self._recorder.add("begin", index, number)
        pause = self._engine.pause(job.seconds) if job.seconds > 0 else None
        self._open[index, number] = pause
        return index, number, pause, None

    def settle(self, index: int, number: int, stop: BaseException | None) -> BaseException | None:
        """End a try, which `stop` cut short or nothing; returns the error that it comes to."""
        if (index, number) not in self._open:
            return None
        del self._open[index, number]
        if stop is not None:
            cancelled = isinstance(stop, _Cancelled)
            self._recorder.add("finish", index, number, "cancelled" if cancelled else "stopped")
            return None
        job = self._jobs[index]
        if job.fails == ALWAYS or number <= job.fails:
            self._recorder.add("finish", index, number, "transient")
            return self._failure(index, number)
        if job.error is not None:
            self._recorder.add("finish", index, number, "error")
            error = self._group() if job.error == "ExceptionGroup" else _error_named(job.error)
            error.__cause__ = self._failure(index, number) if job.fails else None
            error.__suppress_context__ = True
            return error
        self._recorder.add("finish", index, number, "ok")
        return None

    def _group(self) -> BaseException:
        """Two failures at once, which are no `TransientError`: whoever raised them had given up."""
        assert self._transient is not None, "a group of them needs a TransientError"
        return BaseExceptionGroup(_REFUSED, [self._failure(0, 1), self._failure(0, 2)])

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


def _told(item: Any) -> str:
    """The item as a message may show it; only what is of a built-in type is asked for words."""
    kind = type(item)
    if item is None or kind in (bool, int, float, str):
        return f"{item!r:.80}"
    return f"an object of type {kind.__name__[:LONGEST_NAME]}"


def _error_named(name: str) -> BaseException:
    if name == "CancelledError":  # as when something that the service awaits was cancelled
        return _Cancelled()
    kind = getattr(builtins, name, None) or getattr(asyncio, name, None)
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        return _refusal(name)
    error: BaseException = kind(_REFUSED)
    return error


def _refusal(name: str) -> BaseException:
    """An error of a class of its own, which is made in another way than most."""

    @bare
    def init(self: Any, *, reason: str) -> None:
        BaseException.__init__(self, reason)

    init.__qualname__ = f"{name}.__init__"
    base = BaseException if name == HARD_STOP else Exception
    error: BaseException = type(name, (base,), {"__init__": init})(reason=_REFUSED)
    return error
