"""What a scenario is played in: things to hand over, calls, and what happens when.

A scenario's `play` is called in the grader's process and says what there is; the script that comes of it
is sent to the learner's process as plain data. So no code of the course's runs beside the learner's, and
the replay of a record knows all that was possible.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
    """What is to be run: a frozen dataclass of an exercise's, with a `play`.

    options: what the learner's function is asked for, by name. unsaid: those of them that are in force
    by the signature's defaults, and not handed over. brief: a record of tries, timers and tasks alone
    will do.
    """

    options: Mapping[str, Any] = {}
    unsaid: frozenset[str] = frozenset()
    brief: bool = False

    def play(self, world: World) -> None:
        """Say what there is, what is called, and what happens when."""
        raise NotImplementedError(f"{type(self).__name__} has no `play`")

    @property
    def said(self) -> dict[str, Any]:
        """The options that are handed over."""
        return {name: v for name, v in self.options.items() if name not in self.unsaid}

    def briefly(self) -> Self:
        """The same, of which a brief record will do."""
        whole: Any = self
        brief: Self = replace(whole, brief=True)
        return brief

    def script(self, contract: Contract | None = None) -> Script:
        """What the learner's process is told, for an exercise of this contract."""
        world = World(contract or Contract())
        self.play(world)
        return world.script(brief=self.brief)


class World:
    """Writes down what a scenario's `play` says; times are virtual seconds.

    What it returns is handed over as a value of a call.
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

    # -- things ---------------------------------------------------------------------------------

    def items(self, items: Iterable[Item]) -> range:
        """Make items known; returns their places, by which all else calls them."""
        first = len(self._items)
        self._items += items
        return range(first, len(self._items))

    def source(
        self, items: range, *, lazy: bool = True, times: Sequence[float] | None = None
    ) -> Ref:
        """What a producer takes these items from, which notes each one taken.

        lazy: a generator; else an iterable without a length. times: an async source, and when it has
        each.
        """
        waits = None if times is None else tuple(times)
        self._sources.append(Source(items.start, items.stop, lazy, waits))
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
        """An async function of an item, which does what the plans say (`grader.script.Service`).

        gives: it returns an object that stands for the item from then on. given: it takes only that.
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
        """A dict of counts, all 0 at first; a scenario has one at most."""
        if self._counts:
            raise ValueError("a scenario hands out one dict of counts")
        self._counts = keys
        return Ref("counts")

    def key_of(self, keys: Sequence[Any]) -> Ref:
        """A function from an item to its key; the keys in the items' order."""
        self._keys = tuple(keys)
        return Ref("keys")

    def item(self, place: int) -> Ref:
        """An item, as a value of a call."""
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

        options: given by name. task: the name of the task that it runs in, by which screens and
        messages call it.
        """
        names = self.signature(function).names
        self._calls.append(Call(function, values, names, options or {}, at, task))
        return len(self._calls) - 1

    def put(self, queue: Ref, place: int, at: float = 0.0) -> None:
        """Put an item into a queue."""
        self._actions.append(Action(at, "put", (queue.number, place)))

    def set(self, event: Ref, at: float = 0.0) -> None:
        """Set an event, once for all."""
        self._actions.append(Action(at, "set", (event.number,)))

    def cancel(self, *calls: int, at: float) -> None:
        """Cancel these calls, or all."""
        self._actions.append(Action(at, "cancel", calls))

    def read(self, queue: Ref, every: float = 0.0, since: float = 0.0) -> None:
        """Take from a queue, from a time on, and rest so many seconds after each."""
        self._readers.append(Reader(queue.number, every, since))

    def note_values(self) -> None:
        """Note what is put into the queues handed out, and what comes back, part by part.

        Items are told by their places (`{"item": 3}`), errors by the service, item and try that they came
        from (`{"error": [0, 3, 1]}`).
        """
        self._values = True

    def until_returned(self, hands: int) -> None:
        """It ends when all calls have returned. hands: how many tries may run at once."""
        self._ends, self._hands = CALLS_RETURN, hands

    def until_quiet(self) -> None:
        """It ends when nothing moves any more; then the calls are cancelled."""
        self._ends = QUIET

    def script(self, *, brief: bool = False) -> Script:
        """All that was said."""
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
    """What screens and messages call the things of a script, as a record has it."""
    return {
        "called": [call.function for call in script.calls],
        "services": [service.name for service in script.services],
        "lanes": [service.lane for service in script.services],
        "queues": [queue.name for queue in script.queues],
    }
