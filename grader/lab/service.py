"""The scripted service: on each try it does what the script says.

It records when a try begins and how it ends, so that the wait between two tries can be measured however
it was written. No attribute of the service leads to the lab: see `grader.lab.hidden`.
"""

from __future__ import annotations

import asyncio
import inspect
import math
from collections.abc import Callable
from types import CoroutineType
from typing import Any

from grader.lab.errors import Failures, Make
from grader.lab.hidden import bare, opaque
from grader.lab.ordered import Timer
from grader.lab.plain import name_of, plain
from grader.lab.stage import Stage
from grader.script import ALWAYS, MOST_TRIES, Act, Service

__all__ = ["made_service"]

_STRANGER = "the service was called with something that is no item: {}"
_Cancelled = asyncio.CancelledError


def made_service(
    number: int, service: Service, stage: Stage, failures: Failures
) -> tuple[Callable[..., Any], Callable[[], int]]:
    """Make the service with this number in the script: an async callable that follows the script.

    Returns it, and a function that returns the number of running tries.
    """
    played = _Played(number, service, stage, failures)
    begin, settle = opaque(played.begin), opaque(played.settle)
    cleanup, raised = opaque(played.cleanup), opaque(played.raised)

    @bare
    async def trying(item: Any, said: Any) -> Any:
        index, number, pause, error = begin(item, said)
        answer = None
        if error is None:
            try:
                if pause is not None:
                    await pause
            except BaseException as stop:
                try:
                    if (rest := cleanup(index, number, stop)) is not None:
                        await rest
                finally:
                    settle(index, number, stop)
                raise
            make, answer = settle(index, number, None)
            if make is not None:
                error = raised(make(), index, number)
        if error is not None:
            raise error
        return answer

    trying.__qualname__ = "Service.__call__"
    called_with_item = _taking(trying, service)
    called = opaque(called_with_item)
    for mark, owner in (("_is_coroutine", asyncio.coroutines), ("_is_coroutine_mark", inspect)):
        if (value := vars(owner).get(mark)) is not None:  # `iscoroutinefunction` checks for it
            setattr(called, mark, value)
    return called, lambda: len(played.open)


def _taking(trying: Any, service: Service) -> Any:
    """A function that begins a try; it takes the item, and the service's keywords if there are any.

    Python names it in the error that it raises for other arguments.
    """
    if not service.keywords:

        @bare
        def called_with_item(item: Any) -> Any:
            return trying(item, None)

        called_with_item.__qualname__ = service.name
        return called_with_item
    names = ", ".join(service.keywords)
    wanted = frozenset(service.keywords)

    @bare
    def called_with(item: Any, **said: Any) -> Any:
        if said.keys() != wanted:
            raise TypeError(f"the service takes an item and, by name: {names}")
        return trying(item, said)

    called_with.__qualname__ = service.name
    return called_with


class _Played:
    """The state of the service, and what it does on each try."""

    def __init__(self, number: int, service: Service, stage: Stage, failures: Failures) -> None:
        self._number = number
        self._service = service
        self._items, self._recorder, self._engine = stage
        self._failures = failures
        self._calls = 0
        self._tries = [0] * len(service.plans)
        self._planned = service.is_planned
        # The running tries, each with its outcome (None: as planned) and the timer of its end.
        self.open: dict[tuple[int, int], tuple[Act | None, Timer | None]] = {}

    def begin(self, item: Any, said: Any) -> tuple[int, int, asyncio.Future[None] | None, Any]:
        """Begin a try; returns the item's place, the try's number, a future to await, and an error.

        The future is None if the try takes no time; the error is None unless the argument is no item.
        """
        items = self._items
        index = items.stands_for(item) if self._service.given else items.index_of(item)
        if index is None:
            self._recorder.add("stranger", name_of(type(item)))
            if type(item) is CoroutineType:  # usually `q.get()` without `await`
                self._recorder.note_unawaited(item)
            return 0, 0, None, TypeError(_STRANGER.format(_told(item)))
        self._recorder.check_task()
        self._calls += 1
        self._tries[index] += 1
        number = self._tries[index]
        if number > MOST_TRIES:  # otherwise it would go on until the processor time is used up
            self._recorder.endless = True
            return index, number, self._engine.loop.create_future(), None
        self._recorder.add("begin", index, number, self._number)
        if said is not None:
            self._recorder.add("said", index, number, self._number, plain(said))
        if self._planned:
            act, seconds = None, self._service.plans[index].seconds
        else:
            act = self._service.act(index, number, self._calls, self._engine.clock.now)
            seconds = act.seconds
        pause, timer = self._wait(seconds) if seconds > 0 else (None, None)
        self.open[index, number] = act, timer
        return index, number, pause, None

    def _wait(self, seconds: float) -> tuple[asyncio.Future[None], Timer | None]:
        if seconds == math.inf:
            return self._engine.loop.create_future(), None
        return self._engine.wait(seconds)

    def cleanup(self, index: int, number: int, stop: BaseException) -> asyncio.Future[None] | None:
        """A future for the cleanup of a try that was stopped by `stop`; None if it has no cleanup."""
        known = self.open.get((index, number))
        if known is None:
            return None
        act, timer = known
        if timer is not None:
            timer.cancel()
        needed = self._service.cleanup_of(act)
        if not needed or not isinstance(stop, _Cancelled):
            return None
        self._recorder.add("stopping", index, number, self._number)
        rest, timer = self._wait(needed)
        self.open[index, number] = act, timer
        return rest

    def settle(self, index: int, number: int, stop: BaseException | None) -> tuple[Any, Any]:
        """End a try; returns what makes its error, and its answer, either of which may be None.

        stop: the exception that cut the try short, or None.
        """
        known = self.open.pop((index, number), None)
        if known is None:
            return None, None
        act, timer = known
        plan = self._service.plans[index]
        fails = plan.fails == ALWAYS or number <= plan.fails if act is None else act.fails
        last = plan.error if act is None else act.error
        make: Make | None = None
        if stop is not None:
            if timer is not None:
                timer.cancel()
            outcome = "cancelled" if isinstance(stop, _Cancelled) else "stopped"
        elif fails:
            outcome, make = "transient", self._failures.failure(index, number)
        elif last is not None:
            again = number > 1 and plan.fails
            cause = self._failures.failure(index, number) if again else None
            outcome, make = "error", self._failures.error(last, cause)
        else:
            outcome = "ok"
        self._recorder.add("finish", index, number, outcome, self._number)
        if outcome == "ok" and self._service.gives:
            return None, self._items.stand_in(index)
        return make, None

    def raised(self, error: Any, index: int, number: int) -> Any:
        """Remember the error that a try is about to raise, and return it."""
        if error is not None and self._items.remembers:
            self._items.raised(error, self._number, index, number)
        return error


def _told(item: Any) -> str:
    """The item's text for an error message; only built-in types are asked for their repr."""
    kind = type(item)
    if item is None or kind in (bool, int, float, str):
        return f"{item!r:.80}"
    return f"an object of type {name_of(kind)}"
