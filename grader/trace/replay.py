"""Replays a record: could all of it have happened?

The learner's code shares an interpreter with the lab that writes the record. Whatever it reaches there,
what it writes has to fit what else was written, and what the scenario asked for:

- time moves only to where a timer ends, a try ends, `time.sleep` ends, or the scenario itself acts;
- a try that ended lasted as long as the scenario has it, and came to what the scenario has it come to;
  tries of an item are counted without a gap;
- a queue's sizes, items and marks follow from each other;
- what is done is done by tasks that were made and have not ended; items are taken one after the other.

A record of honest code fits, whatever the code does wrong: these are facts about asyncio, not about any
exercise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grader.scenario import ALWAYS, Consume, Job, Scenario
from grader.trace.record import Event, Record

__all__ = ["Contradiction", "contradiction"]

EXACT = 2e-9
"""Seconds: times are whole nanoseconds, and sums of them are rounded."""

_ENDED_BY_ITSELF = ("returned", "raised", "cancelled", "quiet", "deadlock")


@dataclass(frozen=True)
class Contradiction:
    """What in a record cannot have happened.

    words: a sentence without its beginning. marks: whether all there is to it is that a queue's count
    of what is unfinished changed by itself.
    """

    words: str
    marks: bool = False


def contradiction(record: Record, scenario: Scenario) -> Contradiction | None:
    """What in this record cannot have happened; None where all of it can."""
    replay = _Replay(record, scenario)
    try:
        replay.run(record.events)
    except _Impossible as impossible:
        return Contradiction(str(impossible), isinstance(impossible, _WrongMarks))
    return None


class _Impossible(Exception):
    """What was recorded contradicts what was recorded before."""


class _WrongMarks(_Impossible):
    """A queue's count of what is unfinished is not what was put, less what was marked."""


@dataclass
class _Queue:
    """What a queue holds, as far as anybody has seen: one that is older than the record held more."""

    maxsize: int = 0
    size: int | None = None
    unfinished: int | None = None
    items: Counter[int | None] | None = None


class _Replay:
    """The state of the world, as far as the events until now tell."""

    def __init__(self, record: Record, scenario: Scenario) -> None:
        self._jobs: Sequence[Job] = scenario.jobs
        self._once = not isinstance(scenario, Consume) and scenario.lazy
        self._planned = _planned(scenario)
        self._whole = record.how in _ENDED_BY_ITSELF
        self._counts = [0] * len(self._jobs)
        self._open: dict[tuple[int, int], float] = {}
        self._queues: dict[int, _Queue] = {}
        self._alive = {0}
        self._spawned = 0
        beside = 0 if isinstance(scenario, Consume) else scenario.beside
        self._second = (
            len(self._jobs) - beside
        )  # the first item of the run beside it, if there is one
        self._taken = [0, self._second]  # the next items of both
        self._stopped = 0.0  # seconds for which `time.sleep` stopped everything so far
        self._stop_ends = -1.0
        self._does: dict[str, Callable[[Event], bool | None]] = {
            "queue": self._made,
            "put": self._put,
            "get": self._got,
            "done": self._done,
            "join": self._looked,
            "joined": self._looked,
            "shutdown": self._shut,
            "take": self._took,
            "begin": self._began,
            "finish": self._finished,
            "timer": _moves_time,
            "blocked": self._blocked,
            "spawn": self._spawn,
            "end": self._end,
        }

    def run(self, events: Sequence[Event]) -> None:
        """Go through all events; raises `_Impossible` at the first that cannot be."""
        now, explained = 0.0, True
        alive, does = self._alive, self._does
        for event in events:
            at, task, kind = event[:3]
            if at != now:
                if not explained:
                    raise _Impossible(_PASSED.format(now))
                now = at
                explained = abs(at - self._stop_ends) <= EXACT or round(at, 9) in self._planned
            if task not in alive and kind != "timer":
                raise _Impossible(f"at {at:.3f} s something is done by a task that is not there")
            step = does.get(kind)
            if step is not None and step(event):
                explained = True
        if not explained and self._whole:
            raise _Impossible(_PASSED.format(now))

    # -- tasks and the clock --------------------------------------------------------------------

    def _spawn(self, event: Event) -> None:
        number = event[4]
        if number != self._spawned + 1:
            raise _Impossible(f"at {event.at:.3f} s a task is made out of turn")
        self._spawned = number
        self._alive.add(number)

    def _end(self, event: Event) -> None:
        self._alive.discard(event.task)

    def _blocked(self, event: Event) -> None:
        seconds = event[4]
        self._stopped += seconds
        self._stop_ends = event.at + seconds

    # -- items and tries ------------------------------------------------------------------------

    def _took(self, event: Event) -> None:
        item = event[4]
        run = int(item >= self._second)
        if item > self._taken[run] or (self._once and item != self._taken[run]):
            raise _Impossible(f"at {event.at:.3f} s an item is taken out of turn")
        self._taken[run] = max(self._taken[run], item + 1)

    def _began(self, event: Event) -> None:
        at, _task, _kind, _line, item, number = event
        self._counts[item] += 1
        if number != self._counts[item]:
            raise _Impossible(f"at {at:.3f} s a try begins that is counted wrongly")
        self._open[item, number] = at

    def _finished(self, event: Event) -> bool:
        at, _task, _kind, _line, item, number, outcome = event
        began = self._open.pop((item, number), None)
        if began is None:
            raise _Impossible(f"at {at:.3f} s a try ends that never began")
        job = self._jobs[item]
        over = at - began - job.seconds  # seconds longer than asked for
        late = self._stopped + EXACT if self._stopped else EXACT
        if outcome in ("cancelled", "stopped"):
            if over > late:
                raise _Impossible(f"a try that began at {began:.3f} s goes on beyond its end")
            return False
        if not -EXACT <= over <= late:
            raise _Impossible(
                f"a try that takes {job.seconds:.4g} s began at {began:.3f} s and ended at "
                f"{at:.3f} s"
            )
        if outcome != _outcome(job, number):
            raise _Impossible(f"the try that began at {began:.3f} s ends as it cannot")
        return bool(job.seconds > 0)

    # -- queues ---------------------------------------------------------------------------------

    def _made(self, event: Event) -> None:
        number, maxsize = event[4:]
        self._queues[number] = _Queue(maxsize, 0, 0, Counter())

    def _of(self, event: Event) -> _Queue:
        number = event[4]
        known = self._queues.get(number)
        return known if known is not None else self._queues.setdefault(number, _Queue())

    def _put(self, event: Event) -> None:
        queue = self._of(event)
        size, item = event[5:]
        if queue.size is not None and (
            size != queue.size + 1 or (queue.maxsize and size > queue.maxsize)
        ):
            raise _Impossible(_SIZES.format(event.at))
        if queue.items is not None:
            queue.items[item] += 1
        queue.size = size
        if queue.unfinished is not None:
            queue.unfinished += 1

    def _got(self, event: Event) -> None:
        queue = self._of(event)
        size, item = event[5:]
        if queue.size is not None and size != queue.size - 1:
            raise _Impossible(_SIZES.format(event.at))
        if queue.items is not None:
            if not queue.items[item]:
                raise _Impossible(_SIZES.format(event.at))
            queue.items[item] -= 1
        queue.size = size

    def _done(self, event: Event) -> None:
        queue = self._of(event)
        left = event[5]
        if queue.unfinished is not None and left != queue.unfinished - 1:
            raise _WrongMarks(_MARKS.format(event.at))
        queue.unfinished = max(left, 0)

    def _looked(self, event: Event) -> None:
        queue = self._of(event)
        left = event[5]
        if queue.unfinished is not None and left != queue.unfinished:
            raise _WrongMarks(_MARKS.format(event.at))
        queue.unfinished = left

    def _shut(self, event: Event) -> None:
        queue = self._of(event)
        size, left = event[5:]
        if size == 0 and queue.items:
            queue.items.clear()
        queue.size, queue.unfinished = size, left


_PASSED = "at {:.3f} s time has passed, though no timer and no try ended then"
_MARKS = "at {:.3f} s a queue counts other items as unfinished than were put and not marked"
_SIZES = "at {:.3f} s the size of a queue does not follow from what was put and taken"


def _moves_time(_event: Event) -> bool:
    return True


def _outcome(job: Job, number: int) -> str:
    """What the scenario has this try come to, if nobody breaks it off."""
    if job.fails == ALWAYS or number <= job.fails:
        return "transient"
    return "ok" if job.error is None else "error"


def _planned(scenario: Scenario) -> set[float]:
    """When the scenario itself does something, in seconds."""
    if not isinstance(scenario, Consume):
        return set()
    times = {job.at for job in scenario.jobs} | set(scenario.starts)
    times |= {scenario.cancel} if scenario.cancel is not None else set()
    return {round(time, 9) for time in times}
