"""Builds scripts from scenarios: objects for the calls, the calls, and what happens when.

A scenario's `play` runs in the grader's process and describes the scenario; the resulting script is sent
to the learner's process as plain data. So none of the course's code runs beside the learner's, and the
replay of a record knows everything that was possible.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

from grader.course.kit.contract import Contract, Signature
from grader.script import (
    CALLS_RETURN,
    QUIET,
    Action,
    Call,
    Error,
    Item,
    Own,
    Plan,
    Queue,
    Reader,
    Ref,
    Rule,
    Script,
    Service,
    Source,
)

__all__ = ["Scenario", "World", "names_in"]


class Scenario:
    """A scenario to run; subclasses are frozen dataclasses with a `play`.

    options: the settings in force for the learner's function, by name.
    differently: those that differ in a second call at the same time.
    unsaid: names of options that are not passed, because the signature's defaults provide them.
    brief: record only tries, timers and tasks.
    """

    options: Mapping[str, Any] = {}
    differently: Mapping[str, Any] = {}
    unsaid: frozenset[str] = frozenset()
    brief: bool = False

    def play(self, world: World) -> None:
        """Describe the scenario to `world`: its objects, its calls, and what happens when."""
        raise NotImplementedError(f"{type(self).__name__} has no `play`")

    @property
    def said(self) -> dict[str, Any]:
        """The options that are passed."""
        return {name: v for name, v in self.options.items() if name not in self.unsaid}

    def briefly(self) -> Self:
        """The same scenario with a brief record."""
        whole: Any = self
        brief: Self = replace(whole, brief=True)
        return brief

    def script(self, contract: Contract | None = None) -> Script:
        """The script for the learner's process, for an exercise with this contract."""
        world = World(contract or Contract())
        self.play(world)
        return world.script(brief=self.brief)


class World:
    """Collects what a scenario's `play` describes; times are virtual seconds.

    The `Ref`s that its methods return can be passed as arguments of calls.
    """

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._items: list[Item] = []
        self._sources: list[Source] = []
        self._queues: list[Queue] = []
        self._services: list[Service] = []
        self._events: list[str] = []
        self._counts: tuple[str, ...] = ()
        self._keys: tuple[Any, ...] = ()
        self._calls: list[Call] = []
        self._readers: list[Reader] = []
        self._actions: list[Action] = []
        self._ends = CALLS_RETURN
        self._hands = 1
        self._values = False

    def signature(self, function: str) -> Signature:
        """The names and defaults of one of the exercise's functions, as in its reference."""
        return self._contract.signature(function)

    # -- objects --------------------------------------------------------------------------------

    def items(self, items: Iterable[Item]) -> range:
        """Add items; returns their places, which identify them everywhere else."""
        first = len(self._items)
        self._items += items
        return range(first, len(self._items))

    def source(
        self,
        items: range,
        *,
        lazy: bool = True,
        times: Sequence[float] | None = None,
        error: str = "",
        turns: Sequence[int] = (),
    ) -> Ref:
        """A source for a producer, which records each item taken.

        lazy: a generator; else an iterable without a length.
        times: makes it an async source, with the time when each item becomes available.
        error: raised after the last item, by a source that is not async.
        turns: which of them it gives, one after the other, if not each once: one that comes twice is the
            same object both times. Not for an async source.
        """
        waits = None if times is None else tuple(times)
        places = tuple(items[turn] for turn in turns)
        self._sources.append(Source(items.start, items.stop, lazy, waits, error, places))
        return Ref("source", len(self._sources) - 1)

    def service(
        self,
        name: str,
        plans: Sequence[Plan],
        *rules: Rule,
        failing: Error | None = None,
        cleanup: float = 0.0,
        gives: bool = False,
        given: bool = False,
        keywords: tuple[str, ...] = (),
        breaks: tuple[float, ...] = (),
        lane: str = "C",
    ) -> Ref:
        """An async function that takes an item and follows the plans (see `grader.script.Service`).

        gives: it returns an object that stands for the item from then on.
        given: it accepts only such objects.
        """
        made = Service(
            name, tuple(plans), rules, failing, cleanup, gives, keywords, breaks, lane, given
        )
        self._services.append(made)
        return Ref("service", len(self._services) - 1)

    def queue(self, name: str = "q", maxsize: int = 0) -> Ref:
        """An `asyncio.Queue`."""
        self._queues.append(Queue(name, maxsize))
        return Ref("queue", len(self._queues) - 1)

    def event(self, name: str) -> Ref:
        """An `asyncio.Event`, not set yet."""
        self._events.append(name)
        return Ref("event", len(self._events) - 1)

    def counts(self, *keys: str) -> Ref:
        """A dict of counts, all 0 at first; raises ValueError for a second one."""
        if self._counts:
            raise ValueError("a scenario hands out one dict of counts")
        self._counts = keys
        return Ref("counts")

    def key_of(self, keys: Sequence[Any]) -> Ref:
        """A function from an item to its key; `keys` are in the order of the items.

        It returns another object each time, where Python makes more than one: single characters and
        small numbers are always the same.
        """
        self._keys = tuple(keys)
        return Ref("keys")

    def item(self, place: int) -> Ref:
        """An item, as an argument of a call."""
        return Ref("item", place)

    # -- what happens ---------------------------------------------------------------------------

    def call(
        self,
        function: str,
        *values: Any,
        options: Mapping[str, Any] | None = None,
        at: float = 0.0,
        task: str = "",
    ) -> int:
        """Call one of the exercise's functions; returns the number of the call.

        options: keyword arguments.
        task: the name of its task, also on screens and in messages.
        """
        names = self.signature(function).names
        self._calls.append(Call(function, values, names, options or {}, at, task))
        return len(self._calls) - 1

    def put(self, queue: Ref, place: int, at: float = 0.0) -> None:
        """Put an item into a queue."""
        self._actions.append(Action(at, "put", (queue.number, place)))

    def set(self, event: Ref, at: float = 0.0) -> None:
        """Set an event."""
        self._actions.append(Action(at, "set", (event.number,)))

    def cancel(self, *calls: int, at: float) -> None:
        """Cancel these calls, or all if none are given."""
        self._actions.append(Action(at, "cancel", calls))

    def read(self, queue: Ref, every: float = 0.0, since: float = 0.0) -> None:
        """Take item after item from a queue, starting at `since`, resting `every` seconds after each."""
        self._readers.append(Reader(queue.number, every, since))

    def note_values(self) -> None:
        """Record the contents of values put into the script's queues, and of the calls' results.

        Items are recorded by place (`{"item": 3}`), errors by the service, item and try that raised them
        (`{"error": [0, 3, 1]}`).
        """
        self._values = True

    def until_returned(self, hands: int) -> None:
        """End the scenario once all calls have returned. hands: the most tries that can run at once."""
        self._ends, self._hands = CALLS_RETURN, hands

    def until_quiet(self) -> None:
        """End the scenario when nothing moves any more; the calls are then cancelled."""
        self._ends = QUIET

    def script(self, *, brief: bool = False) -> Script:
        """The script of everything collected so far."""
        return Script(
            tuple(self._items),
            tuple(self._sources),
            tuple(self._queues),
            tuple(self._services),
            tuple(self._events),
            self._counts,
            self._keys,
            tuple(self._calls),
            tuple(self._readers),
            tuple(self._actions),
            self._ends,
            self._hands,
            self._values,
            brief,
        )


def names_in(script: Script) -> dict[str, Any]:
    """The display names of a script's objects, in the format of a record."""
    return {
        "called": [call.function for call in script.calls],
        "services": [service.name for service in script.services],
        "lanes": [service.lane for service in script.services],
        "queues": [queue.name for queue in script.queues],
        "given": len(script.queues),
        "events_named": list(script.events),
        "bands": [row for service in script.services for row in _bands(service)],
    }


def _bands(service: Service) -> Iterator[list[Any]]:
    """Each period with rules of its own: the service, what it does, since, until (None: the end)."""
    for rule in service.rules:
        if rule.since > 0 or rule.until < math.inf:
            until = None if rule.until == math.inf else rule.until
            yield [service.name, _words(rule), rule.since, until]
    for at in service.breaks:
        yield [service.name, "all running calls fail", at, at]


def _words(rule: Rule) -> str:
    every = {1: "", 2: "every 2nd ", 3: "every 3rd "}.get(rule.every, f"every {rule.every}th ")
    some = "" if rule.items is None else "some "
    if rule.answers:
        does = "slow" if rule.slower > 1 else "answers"
    elif rule.error is not None:
        does = rule.error.name if isinstance(rule.error, Own) else rule.error.removeprefix("<")
    elif rule.seconds == math.inf:
        does = "hangs"
    elif rule.lost:
        does = "answer lost"
    elif rule.fails:
        does = "fails"
    else:
        does = "slow" if rule.slower > 1 else "other times"
    return f"{every}{some}{does}"
