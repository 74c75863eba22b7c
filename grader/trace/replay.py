"""Replays a record to check that all of it could have happened.

The learner's code shares an interpreter with the lab that writes the record. If it manages to forge
events, they still have to be consistent with all others and with the script:

- time moves only to where a timer ends, a try ends, `time.sleep` ends, or the script itself acts (or by
  a tick, where the loop spins: the clock then creeps);
- a try that ended has the duration and the outcome that the script gives it; the tries of an item are
  numbered without gaps;
- a queue's sizes, items and unfinished counts follow from each other;
- events belong to tasks that were made and have not ended; items are taken in order.

The record of honest code always passes, however wrong the code is: these are facts about asyncio, not
about any exercise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grader.script import Act, Script
from grader.trace.record import Event, Record

__all__ = ["Contradiction", "contradiction"]

EXACT = 2e-9
"""Seconds: tolerance for rounding, as times are whole nanoseconds."""

_ENDED_BY_ITSELF = ("returned", "raised", "cancelled", "quiet", "deadlock")


@dataclass(frozen=True)
class Contradiction:
    """Something in a record that cannot have happened.

    words: the rest of a sentence that describes it.
    marks: whether it is only that a queue's unfinished count changed by itself.
    at: when, in virtual seconds.
    """

    words: str
    marks: bool = False
    at: float | None = None


def contradiction(record: Record, script: Script) -> Contradiction | None:
    """The first thing in this record that cannot have happened; None if it is consistent."""
    replay = _Replay(record, script)
    try:
        replay.run(record.events)
    except _Impossible as impossible:
        return Contradiction(str(impossible), isinstance(impossible, _WrongMarks), replay.now)
    return None


class _Impossible(Exception):
    """An event contradicts earlier ones, or the script."""


class _WrongMarks(_Impossible):
    """A queue's unfinished count is not the number of puts minus that of `task_done()` calls."""


@dataclass
class _Queue:
    """A queue's known state; None marks what is unknown, as for a queue older than the record."""

    maxsize: int = 0
    size: int | None = None
    unfinished: int | None = None
    items: Counter[int | None] | None = None


class _Replay:
    """The state that follows from the events so far."""

    def __init__(self, record: Record, script: Script) -> None:
        self._services = script.services
        self._planned = script.moments()
        self._whole = record.how in _ENDED_BY_ITSELF
        self._counts: Counter[tuple[int, int]] = Counter()
        self._calls = [0] * len(script.services)
        self._as_planned = [service.is_planned for service in script.services]
        # When each try that runs began, and what becomes of it where that depends on the moment.
        self._open: dict[tuple[int, int, int], tuple[float, Act | None]] = {}
        self._stopping: dict[tuple[int, int, int], float] = {}
        self._queues: dict[int, _Queue] = {}
        self._alive = {0}
        self._spawned = 0
        # The source of each item, what each source gives, and how many items it has given.
        self._sources = script.sources
        self._source_of = {
            item: number
            for number, source in enumerate(script.sources)
            for item in range(source.first, source.last)
        }
        self._turns = [one.turns or range(one.first, one.last) for one in script.sources]
        self._given = [0] * len(script.sources)
        self._stopped = 0.0  # seconds that `time.sleep` has blocked the loop so far
        self._stop_ends = -1.0
        self.now = 0.0
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
            "stopping": self._stops,
            "finish": self._finished,
            "timer": _moves_time,
            "rested": _moves_time,
            "blocked": self._blocked,
            "spawn": self._spawn,
            "end": self._end,
        }

    def run(self, events: Sequence[Event]) -> None:
        """Replay all events; raises `_Impossible` at the first contradiction."""
        now, explained = 0.0, True
        self.now = now
        alive, does = self._alive, self._does
        for event in events:
            at, task, kind = event[:3]
            if at != now:
                if not explained:
                    raise _Impossible(_PASSED.format(now))
                crept = at - now <= EXACT
                self.now = now = at
                explained = (
                    crept or abs(at - self._stop_ends) <= EXACT or round(at, 9) in self._planned
                )
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
        number = self._source_of.get(item)
        if number is None:
            raise _Impossible(f"at {event.at:.3f} s an item is taken that no source has")
        source, turns, given = self._sources[number], self._turns[number], self._given[number]
        following = turns[given] if given < len(turns) else None
        once = source.lazy or source.times is not None
        if item != following and (once or item not in turns[:given]):
            raise _Impossible(f"at {event.at:.3f} s an item is taken out of turn")
        self._given[number] += item == following

    def _began(self, event: Event) -> None:
        at, _task, _kind, _line, item, number, service = event
        counts, calls = self._counts, self._calls
        count = counts[service, item] = counts[service, item] + 1
        calls[service] += 1
        if number != count:
            raise _Impossible(f"at {at:.3f} s a try begins that is counted wrongly")
        act = None
        if not self._as_planned[service]:
            act = self._services[service].act(item, number, calls[service], at)
        self._open[service, item, number] = at, act

    def _stops(self, event: Event) -> None:
        at, _task, _kind, _line, item, number, service = event
        self._stopping[service, item, number] = at

    def _finished(self, event: Event) -> bool:
        at, _task, _kind, _line, item, number, outcome, service = event
        known = self._open.pop((service, item, number), None)
        if known is None:
            raise _Impossible(f"at {at:.3f} s a try ends that never began")
        began, act = known
        if act is None:
            act = self._services[service].plans[item].act(number)
        late = self._stopped + EXACT if self._stopped else EXACT
        if outcome in ("cancelled", "stopped"):
            cleanup = self._services[service].cleanup_of(act)
            broken_off = self._stopping.get((service, item, number), at)
            if broken_off - began - act.seconds > late or at - broken_off - cleanup > late:
                raise _Impossible(f"a try that began at {began:.3f} s goes on beyond its end")
            return bool(cleanup > 0)
        if not -EXACT <= at - began - act.seconds <= late:
            raise _Impossible(
                f"a try that takes {act.seconds:.4g} s began at {began:.3f} s and ended at "
                f"{at:.3f} s"
            )
        if outcome != _outcome(act):
            raise _Impossible(f"the try that began at {began:.3f} s ends as it cannot")
        return bool(act.seconds > 0)

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


def _outcome(act: Act) -> str:
    """The outcome of a try that is not cut short."""
    if act.fails:
        return "transient"
    return "ok" if act.error is None else "error"
