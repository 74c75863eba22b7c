"""What a timeline shows, as frozen data: lanes with spans and marks, the queue, and notes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from grader.results import Sight

__all__ = ["Band", "Drawing", "Finding", "Lane", "Mark", "Queue", "Sign", "Span", "State", "Step"]


class State(StrEnum):
    """What a task does for some time; the value is its name in a legend."""

    WORK = "working on a try"
    BACKOFF = "backing off"
    PUT = "waiting in put"
    GET = "waiting in get"
    JOIN = "waiting in join"
    WAIT = "waiting for something else"
    SLEEP = "asleep"
    STUCK = "waiting for ever"
    BLOCKED = "loop blocked"


class Sign(StrEnum):
    """What happens to a task at one moment; the value is its name in a legend."""

    DONE = "succeeded"
    FAILED = "failed"
    GAVE_UP = "gave up"
    ERROR = "error"
    CANCELLED = "cancelled"
    DIED = "died"
    ASIDE = "set aside"


@dataclass(frozen=True)
class Span:
    """A period, in virtual seconds, during which a task is in one state.

    label: text to show in it if there is room: the item, and from the second try the try's number.
    """

    state: State
    start: float
    end: float
    label: str = ""


@dataclass(frozen=True)
class Mark:
    """An event at one moment."""

    sign: Sign
    at: float


@dataclass(frozen=True)
class Lane:
    """One task. spans: in order of time, without overlap."""

    task: int
    name: str
    spans: tuple[Span, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class Step:
    """From `at`, `depth` items are in the queue, and `unfinished` ones are not marked as done."""

    at: float
    depth: int
    unfinished: int


@dataclass(frozen=True)
class Queue:
    """A queue that carries items.

    name: the title of its row.
    maxsize: the bound that the contract asks for, 0 for none.
    bound: its actual bound.
    counted: whether unfinished items matter, because a task waits in `join()` until there are none.
    """

    steps: tuple[Step, ...]
    name: str = "queue"
    maxsize: int = 0
    bound: int = 0
    counted: bool = False

    @property
    def deepest(self) -> int:
        """The largest depth."""
        return max((step.depth for step in self.steps), default=0)

    def between(self, start: float, end: float) -> Step | None:
        """Return the largest depth in a period, with the number of unfinished items at its end.

        None if the queue's history begins later.
        """
        first = max(0, bisect_right(self._times, start) - 1)
        seen = self.steps[first : bisect_left(self._times, end)]
        if not seen or seen[0].at >= end:
            return None
        return Step(start, max(step.depth for step in seen), seen[-1].unfinished)

    @cached_property
    def _times(self) -> list[float]:
        return [step.at for step in self.steps]


@dataclass(frozen=True)
class Band:
    """A period over all lanes, in virtual seconds; a single moment if it ends where it begins.

    name: the title of its row. words: what is so during it.
    """

    name: str
    words: str
    start: float
    end: float


@dataclass(frozen=True)
class Finding:
    """The result of a failed check: the message, the learner's line, and where it shows."""

    message: str = ""
    line: int | None = None
    sights: tuple[Sight, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.message or self.sights)


@dataclass(frozen=True)
class Drawing:
    """A whole timeline; times are virtual seconds.

    notes: in order of time, each with the task of a lane, or None for the queues.
    end: when the run ended, or a little later if it is endless.
    endless: the run never ended by itself.
    bands: what the scenario declares by time, in order of time.
    """

    lanes: tuple[Lane, ...]
    queues: tuple[Queue, ...]
    notes: tuple[Sight, ...]
    end: float
    endless: bool = False
    finding: Finding = field(default=Finding())
    bands: tuple[Band, ...] = ()
