"""A weather as plain data, the scenario that it makes, and what became of each item in its trace."""

from __future__ import annotations

import asyncio
import builtins
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from grader.course.api import SAME_TIME, Item, Own, Plan, Rule, Scenario, Trace, Try, World
from grader.script import Act, Service
from grader.trace import Event

__all__ = ["CLOCK", "DOES", "Behaviour", "Facts", "Runs", "Shift", "Weather", "is_transient"]

CLOCK = 1e-5
"""Seconds: tolerance for times that are computed from others; no two events are drawn as near."""

DOES = ("answers", "fails", "raises", "refuses", "hangs", "loses", "breaks")


@dataclass(frozen=True)
class Behaviour:
    """What the service does with calls that begin in a spell.

    does: one of `DOES`. loses: takes effect, and fails. breaks: what runs at the start of the spell
        fails then.
    every: only with every so many calls; items: only with these (places, from 0; None: all).
    seconds, slower: how long a call takes (None: as usual), and a factor for it.
    error: the class that `raises` names. retry_after: what a failure asks for, in seconds.
    """

    does: str
    every: int = 1
    items: tuple[int, ...] | None = None
    seconds: float | None = None
    slower: float = 1.0
    error: str = ""
    retry_after: float = 0.0

    def rule(self, since: float, until: float) -> Rule:
        """The rule of the scripted service for a spell of it."""
        fails = Own("TransientError", ("429",), {"retry_after": self.retry_after})
        error: Any = {
            "raises": self.error,
            "refuses": Own("PermanentError", ("the carrier refuses it",)),
            "fails": fails if self.retry_after else None,
        }.get(self.does)
        return Rule(
            items=self.items,
            since=since,
            until=until,
            every=self.every,
            seconds=math.inf if self.does == "hangs" else self.seconds,
            slower=self.slower,
            fails=self.does == "fails" and error is None,
            error=error,
            answers=self.does == "answers",
            lost=self.does == "loses",
        )


@dataclass(frozen=True)
class Weather:
    """What the service is like, by when a call begins.

    length: the number of items. spells: (from, to, behaviour), in seconds; the first that fits counts.
    answers: how long a call usually takes, at least and at most, in seconds.
    """

    name: str
    length: int
    spells: tuple[tuple[float, float, Behaviour], ...] = ()
    answers: tuple[float, float] = (0.05, 0.12)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of the scripted service."""
        return tuple(b.rule(since, to) for since, to, b in self.spells if b.does != "breaks")

    @property
    def breaks(self) -> tuple[float, ...]:
        """The moments at which all running calls fail."""
        return tuple(since for since, _to, b in self.spells if b.does == "breaks")


@dataclass(frozen=True)
class Shift(Scenario):
    """Call `run_service` once in a weather, or twice at the same time.

    items, seconds: the items, and how long the calls of each usually take.
    stop, begins: when it is told to stop (None: never), and when it is called, in virtual seconds.
    cleanup: seconds that a cancelled call needs.
    room, rest, away: how many dead letters wait at most (0: any number), the reader's rest after each
        (None: nobody reads), and when the reader comes.
    fault: what `items` raises after its last item ("": nothing).
    beside: the number of items, at the end, that go to a second call at the same time.
    turns: the items' numbers in the order in which `items` gives them, if not each once: one that is
        there twice is the same object both times. Only `twins` judges that. Not with `beside`.
    """

    weather: Weather
    items: tuple[Item, ...]
    seconds: tuple[float, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    unsaid: frozenset[str] = frozenset()
    brief: bool = False
    lazy: bool = True
    stop: float | None = None
    begins: float = 0.0
    cleanup: float = 0.0
    room: int = 0
    rest: float | None = None
    away: float = 0.0
    fault: str = ""
    beside: int = 0
    turns: tuple[int, ...] = ()

    def play(self, world: World) -> None:
        """Hand over the items, the service, the event and the queue, and set the event at its time."""
        items = world.items(self.items)
        service = world.service(
            "call",
            [Plan(seconds) for seconds in self.seconds],
            *self.weather.rules,
            failing=Own("TransientError"),
            cleanup=self.cleanup,
            keywords=("key",),
            breaks=self.weather.breaks,
        )
        first = len(items) - self.beside
        for some in (items[:first], items[first:]) if self.beside else (items,):
            stop = world.event("stop")
            letters = world.queue("dead_letters", self.room)
            if self.stop is not None and some.start == 0:
                world.set(stop, self.stop)
            if self.rest is not None:
                world.read(letters, self.rest, self.away)
            source = world.source(some, lazy=self.lazy, error=self.fault, turns=self.turns)
            world.call(
                "run_service", source, service, stop, letters, options=self.said, at=self.begins
            )
        if not self.brief:  # what few questions need, and each letter costs
            world.note_values()
        world.until_returned(hands=self.options["consumers"] * (2 if self.beside else 1))

    @property
    def service(self) -> Service:
        """The scripted service, to look up what each call was to do."""
        plans = tuple(Plan(seconds) for seconds in self.seconds)
        weather = self.weather
        return Service(
            "call", plans, weather.rules, Own("TransientError"), self.cleanup, breaks=weather.breaks
        )


Runs = Sequence[tuple[Shift, Trace]]


class Facts:
    """What became of the calls and items of one run, or of one of two at the same time (`part`)."""

    def __init__(self, trace: Trace, shift: Shift, part: int = 0) -> None:
        self.trace = trace
        self.shift = shift
        self.given = shift.options
        split = len(shift.items) - shift.beside
        self.places = range(split, len(shift.items)) if part else range(split)
        told = shift.stop is not None and not part
        self.stop = shift.stop if told and shift.stop is not None else math.inf
        self.over = self.stop + float(self.given["grace"])
        self.part = part
        self.tries = [one for one in trace.tries if one.item in self.places]

    @cached_property
    def _acts(self) -> dict[tuple[int, int], Act]:
        service = self.shift.service
        return {
            (one.item, one.number): service.act(one.item, one.number, call, one.start)
            for call, one in enumerate(self.trace.tries, start=1)
        }

    def act(self, one: Try) -> Act:
        """What the service was to do with this call."""
        return self._acts[one.item, one.number]

    @cached_property
    def _stopping(self) -> dict[tuple[int, int], float]:
        return {(e.data[0], e.data[1]): e.at for e in self.trace.of("stopping")}

    def cut_off(self, one: Try) -> float | None:
        """When a call was cancelled, which is before its clean-up; None if it was not."""
        known = self._stopping.get((one.item, one.number))
        return one.end if known is None and one.outcome in ("cancelled", "stopped") else known

    def cut_at_its_limit(self, one: Try) -> bool:
        """Whether a call was cancelled when its time was over; it may still be cleaning up at the end."""
        cut, limit = self.cut_off(one), one.start + self.given["timeout"]
        return cut is not None and abs(cut - limit) <= CLOCK

    def timed_out(self, one: Try) -> bool:
        """Whether a call was cancelled when its time was over, and has ended."""
        return self.cut_at_its_limit(one) and one.end is not None

    def kind(self, one: Try) -> str:
        """How a call ended: ok, failed, refused, other, cancelled (by a stop, say), or open."""
        if one.end is None:
            return "open"
        if one.outcome in ("ok", "transient"):
            return "ok" if one.outcome == "ok" else "failed"
        if one.outcome != "error":
            return "failed" if self.timed_out(one) else "cancelled"
        error = self.act(one).error
        if isinstance(error, Own):
            return "refused" if error.name == "PermanentError" else "failed"
        return "failed" if is_transient(error) else "other"

    def retry_after(self, one: Try) -> float:
        """What the failure of a call asked for, in seconds."""
        error = self.act(one).error
        if one.outcome != "error" or not isinstance(error, Own):
            return 0.0
        return float(error.options.get("retry_after", 0.0))

    def clean(self, number: int) -> float:
        """The pause after failed call `number`, without jitter and `retry_after`, in seconds."""
        given = self.given
        try:
            pause = float(given["delay"] * given["backoff"] ** (number - 1))
        except OverflowError:
            pause = math.inf
        return min(float(given["max_delay"]), pause)

    def window(self, one: Try) -> tuple[float, float]:
        """The shortest and the longest pause asked for after a failed call, in seconds."""
        least = max(self.clean(one.number), self.retry_after(one))
        return least, least * (1 + float(self.given["jitter"]))

    @cached_property
    def _by_item(self) -> dict[int, list[Try]]:
        found: dict[int, list[Try]] = {}
        for one in self.tries:
            found.setdefault(one.item, []).append(one)
        return found

    def of(self, item: int) -> list[Try]:
        """The calls of an item."""
        return self._by_item.get(item, [])

    def again(self, one: Try) -> Try | None:
        """The next call of the same item, if there is one."""
        tries = self.of(one.item)
        return tries[one.number] if one.number < len(tries) else None

    @cached_property
    def letters(self) -> list[tuple[float, int, int | None, Any]]:
        """What was put into the dead letters: when, by which task, at which line, the value."""
        mine, values = self._handed, self.trace.of("value")
        return [(e.at, e.task, e.line, e.data[1]) for e in values if e.data[0] == mine]

    @cached_property
    def taken_out(self) -> list[Event]:
        """What the learner's code took out of the dead letters, which is for the reader to do."""
        mine, labs = self._handed, self.trace.labs
        return [e for e in self.trace.of("get") if e.data[0] == mine and e.task not in labs]

    @cached_property
    def _handed(self) -> int | None:
        """The number of the queue for the dead letters."""
        handed = [event.data[0] for event in self.trace.of("queue") if event.task == 0]
        return handed[self.part] if self.part < len(handed) else None

    @cached_property
    def set_aside(self) -> dict[int, float]:
        """When each item was put into the dead letters."""
        found: dict[int, float] = {}
        for at, _task, _line, value in self.letters:
            item = letter_item(value)
            if item is not None:
                found.setdefault(item, at)
        return found

    @cached_property
    def settled(self) -> dict[int, float]:
        """When each item was settled, which is when it was consumed or put into the dead letters."""
        found: dict[int, float] = {}
        for item, tries in self._by_item.items():
            last = tries[-1]
            kind = self.kind(last)
            if kind == "ok" and last.end is not None:
                found[item] = last.end
            elif item in self.set_aside and kind in ("failed", "refused"):
                found[item] = self.set_aside[item]
        return found

    @cached_property
    def taken(self) -> list[int]:
        """The items that were taken, in order."""
        return [e.data[0] for e in self.trace.taken if e.data[0] in self.places]

    @cached_property
    def kept_waiting(self) -> list[int]:
        """The items that are given up on or refused, and not put aside: there was no room.

        Of a failed item with tries left nobody knows; it is one of them if its pause was over by then.
        """
        if not self.shift.room or self.over == math.inf or not self._full_at_the_end:
            return []
        found = []
        for item in self.taken:
            tries = self.of(item)
            if not tries or item in self.set_aside:
                continue
            last, kind = tries[-1], self.kind(tries[-1])
            tried = last.number >= self.given["attempts"]
            end = last.end if last.end is not None else math.inf
            paused = end + self.window(last)[1] >= self.over - CLOCK
            if kind == "refused" or (kind == "failed" and (tried or not paused)):
                found.append(item)
        return found

    @cached_property
    def _full_at_the_end(self) -> bool:
        """Whether there was no room in the dead letters when the grace was over."""
        handed = [event.data[0] for event in self.trace.of("queue") if event.task == 0]
        mine = handed[self.part] if self.part < len(handed) else None
        steps = [*self.trace.puts, *self.trace.gets]
        known = [one for one in steps if one.queue == mine and one.at < self.over - CLOCK]
        last = max(known, key=lambda one: one.order, default=None)
        return last is not None and last.size >= self.shift.room

    def unfinished(self) -> list[int]:
        """The items that were taken and not settled, in order."""
        return [item for item in self.taken if item not in self.settled]

    def result(self) -> Any:
        """What `run_service` returned."""
        result = self.trace.result
        return result[self.part] if self.shift.beside and isinstance(result, list) else result

    def name(self, item: int) -> str:
        """The item, for a message."""
        return f"item {self.trace.name(item)}"


def shown(one: Try) -> dict[str, int | float | None]:
    """Where a failure shows this try."""
    return {"at": one.start, "task": one.task, "item": one.item}


def is_transient(error: Any) -> bool:
    """Whether a scripted error of Python's, by name, is to be retried."""
    name = str(error).removeprefix("<")
    kind = getattr(builtins, name, None) or getattr(asyncio, name, None)
    return isinstance(kind, type) and issubclass(kind, TimeoutError | ConnectionError)


def letter_item(value: Any) -> int | None:
    """The place of the item in a dead letter; None if it has another shape."""
    first = value[0] if isinstance(value, list) and len(value) == 3 else None
    return first["item"] if isinstance(first, dict) and type(first.get("item")) is int else None


def near(left: float, right: float) -> bool:
    """Whether two times are the same."""
    return abs(left - right) <= max(CLOCK, SAME_TIME)
