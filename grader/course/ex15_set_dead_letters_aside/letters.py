"""The pipeline with keys and dead letters, and what a run of it shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from grader.course.api import ALWAYS, SAME_TIME, Own, Pipeline, Plan, Trace, Try, World
from grader.trace import Event

__all__ = ["Letter", "Letters", "Run", "Runs", "State", "near", "place_in"]


@dataclass(frozen=True)
class Letters(Pipeline):
    """Call `run_pipeline(items, key_of, service, dead_letters, **options)` once, or twice at a time.

    keys: one for each job. room: the maxsize of `dead_letters`. every: the seconds for which its reader
    rests after each letter, None if nobody reads. since: when the reader begins, in virtual seconds.
    """

    keys: tuple[Any, ...] = ()
    room: int = 0
    every: float | None = None
    since: float = 0.0

    def play(self, world: World) -> None:
        """Call the pipeline; each call has dead letters of its own."""
        names = world.signature("run_pipeline").names
        items = world.items(job.item for job in self.jobs)
        plans = [Plan(job.seconds, job.fails, job.error) for job in self.jobs]
        service = world.service((*names, "process_item")[2], plans, failing=Own("TransientError"))
        key_of = world.key_of(self.keys)
        for some in self.calls:
            dead = world.queue("dead_letters", self.room)
            if self.every is not None:
                world.read(dead, self.every, self.since)
            source = world.source(items[some.start : some.stop], lazy=self.lazy)
            world.call("run_pipeline", source, key_of, service, dead, options=self.said)
        world.note_values()
        world.until_returned(hands=self.options["consumers"] * len(self.calls))

    @property
    def shares_keys(self) -> bool:
        """Whether equal keys are one and the same object, as Python makes single characters."""
        return all(type(key) is str and len(key) == 1 for key in self.keys)

    @property
    def calls(self) -> tuple[range, ...]:
        """The items of each call."""
        first, count = len(self.jobs) - self.beside, len(self.jobs)
        return (range(first), range(first, count)) if self.beside else (range(count),)

    def fails(self, item: int) -> bool:
        """Whether an item is to be given up on."""
        job = self.jobs[item]
        return job.error is None and (job.fails == ALWAYS or job.fails >= self.options["attempts"])


@dataclass(frozen=True)
class Letter:
    """What was put into `dead_letters`.

    item: the item that it is about, None if that is unknown. place: the event's position.
    """

    item: int | None
    value: Any
    queue: int
    at: float
    task: int
    line: int | None
    place: int


@dataclass(frozen=True)
class State:
    """A moment after which time passes.

    open: how many items are taken and not settled. active: those that have begun and are not settled.
    free: an item that could have begun by then, and has not. late: one whose letter could have been put.
    """

    at: float
    open: int
    active: tuple[int, ...]
    free: int | None
    late: int | None


class Run:
    """A scenario and its trace."""

    def __init__(self, scenario: Letters, trace: Trace) -> None:
        self.scenario = scenario
        self.trace = trace

    @cached_property
    def queues(self) -> tuple[int, ...]:
        """The numbers of the `dead_letters`: the lab makes them first."""
        made = [event.data[0] for event in self.trace.of("queue")]
        return tuple(made[: len(self.scenario.calls)])

    @cached_property
    def letters(self) -> tuple[Letter, ...]:
        """Everything that the learner's code put into `dead_letters`, in order."""
        found: list[Letter] = []
        for place, event in enumerate(self.trace.events):
            if event.kind != "put" or event.data[0] not in self.queues:
                continue
            value = self._told(event.data[0], place)
            if event.data[2] is not None:
                value = {"item": event.data[2]}
            of = event.data[0], event.at, event.task, event.line, place
            found.append(Letter(self._about(value, event.task, place), value, *of))
        return tuple(found)

    @cached_property
    def taken_out(self) -> tuple[Event, ...]:
        """What the learner's code took out of `dead_letters`, which is for the reader to do."""
        labs = self.trace.labs
        return tuple(
            event
            for event in self.trace.of("get")
            if event.data[0] in self.queues and event.task not in labs
        )

    def _told(self, queue: int, place: int) -> Any:
        """What was put; lines that Python itself printed may come between the two events."""
        for event in self.trace.events[place + 1 :]:
            if event.kind == "value" and event.data[0] == queue:
                return event.data[1]
            if event.kind not in ("stderr", "print"):
                break
        return None

    def _about(self, value: Any, task: int, place: int) -> int | None:
        """The item that a letter is about: it says so, or its task has just tried that item."""
        parts = value if isinstance(value, list) else [value]
        for part in parts:
            if (known := place_in(self.trace, part)) is not None:
                return known
        for part in parts:
            raised = part.get("error") if isinstance(part, Mapping) else None
            if isinstance(raised, list) and len(raised) == 3:
                return int(raised[1])
        mine = [one for one in self.trace.tries if one.task == task and one.order < place]
        return mine[-1].item if mine else None

    @cached_property
    def last(self) -> Mapping[int, Try]:
        """The last try of each item that has begun."""
        return {one.item: one for one in self.trace.tries}

    @cached_property
    def given_up(self) -> tuple[int, ...]:
        """The items of which `attempts` tries have failed, in the order of their last tries' ends."""
        attempts = self.scenario.options["attempts"]
        ends = sorted(self.last.values(), key=lambda one: one.end_order or 0)
        return tuple(
            one.item for one in ends if one.outcome == "transient" and one.number >= attempts
        )

    def letters_of(self, item: int) -> list[Letter]:
        """The letters about an item."""
        return [letter for letter in self.letters if letter.item == item]

    @cached_property
    def settled(self) -> Mapping[int, int]:
        """The position of the event that settled an item, for those that are settled."""
        found: dict[int, int] = {}
        for item, one in self.last.items():
            if one.outcome in ("ok", "error") and one.end_order is not None:
                found[item] = one.end_order
        for item in self.given_up:
            later = [
                x.place for x in self.letters_of(item) if x.place > (self.last[item].end_order or 0)
            ]
            if later:
                found[item] = later[0]
        return found

    def settled_by(self, item: int, place: int) -> bool:
        """Whether an item is settled before the event at this position."""
        return self.settled.get(item, len(self.trace.events)) < place

    @cached_property
    def by_key(self) -> Mapping[Any, Sequence[int]]:
        """The items of each key, in order."""
        found: dict[Any, list[int]] = defaultdict(list)
        for item, key in enumerate(self.scenario.keys):
            found[key].append(item)
        return found

    def before(self, item: int) -> Sequence[int]:
        """The earlier items with the same key."""
        return [one for one in self.by_key[self.scenario.keys[item]] if one < item]

    @cached_property
    def states(self) -> Sequence[State]:
        """What holds whenever time passes, or nothing can happen any more."""
        return [*self._states()]

    def _states(self) -> Iterator[State]:
        trace, maxsize = self.trace, self.scenario.options["maxsize"]
        settles = {place: item for item, place in self.settled.items()}
        ends = {self.last[item].end_order: item for item in self.given_up}
        waiting = [*range(len(self.scenario.jobs))]  # not begun
        begun: set[int] = set()
        active: dict[int, None] = {}
        owed: dict[int, None] = {}  # given up on, without a letter
        heads = {key: [*items] for key, items in self.by_key.items()}  # not settled
        taken = done = size = position = 0
        for at, until in trace.instants():
            for place in range(position, until):
                event = trace.events[place]
                if event.kind == "take":
                    taken += 1
                elif event.kind == "begin" and event.data[0] not in begun:
                    begun.add(event.data[0])
                    waiting.remove(event.data[0])
                    active[event.data[0]] = None
                elif event.kind in ("put", "get") and event.data[0] in self.queues:
                    size = event.data[1]
                if place in ends:
                    owed[ends[place]] = None
                if place in settles:
                    item = settles[place]
                    done += 1
                    active.pop(item, None)
                    owed.pop(item, None)
                    heads[self.scenario.keys[item]].remove(item)
            position = until
            keys = self.scenario.keys
            free = (item for item in waiting[:maxsize] if heads[keys[item]][0] == item)
            full = 0 < self.scenario.room <= size
            late = None if full else next(iter(owed), None)
            yield State(at, taken - done, tuple(active), next(free, None), late)

    def name(self, item: int) -> str:
        """`item 417`, with its key if others have it, too."""
        key = self.scenario.keys[item]
        of = f" (key {key!r})" if len(self.by_key[key]) > 1 else ""
        return f"item {self.trace.name(item)}{of}"

    def title(self, item: int) -> str:
        """The same, at the beginning of a sentence."""
        return f"I{self.name(item)[1:]}"

    def pausing(self, start: float, end: float) -> bool:
        """Whether this time lies in the pause between two tries of an item."""
        return any(
            retry.start - SAME_TIME <= start and end <= retry.start + retry.pause + SAME_TIME
            for retry in self.trace.retries
        )

    @cached_property
    def naps(self) -> Sequence[Event]:
        """The sleeps and limits of time that ended, but for the pauses before retries."""
        return [
            event
            for event in self.trace.of("timer")
            if event.task not in self.trace.labs
            and event.data[0] > 0
            and not self.pausing(event.at - event.data[0], event.at)
        ]


Runs = Sequence[Run]


def place_in(trace: Trace, told: Any) -> int | None:
    """The place of the item that a part of a letter was told to be; None if it is none."""
    place = told.get("item") if isinstance(told, Mapping) and len(told) == 1 else None
    return place if type(place) is int and place < len(trace.items) else None


def near(one: float, other: float) -> bool:
    """Whether two moments are the same."""
    return abs(one - other) <= SAME_TIME
