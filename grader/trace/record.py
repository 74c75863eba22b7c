"""Reads the lab's record of one scenario; accepts only complete rows of plain types.

Format 2, as the lab writes it (plain JSON):

    {"format": 2,
     "end": {"how": ..., ...},      how the run ended; with "error" where an exception ended it, and with
                                    "after": [time, line, item, try] where a try began after the return
     "clock": 0.4,                  virtual seconds at the end
     "tasks": ["lab", "Task-1"],    names, by number; 0 is the lab itself
     "crew": [1, 2],                numbers of the tasks of named calls; 0: not begun
     "labs": [3],                   numbers of the lab's own tasks
     "events": [[time, task, kind, line, *data], ...],
     "waits": [{"task": 1, "line": 31, "in": "Queue.join"}, ...],   tasks that waited at the end, and
                                    where; with "error" if a task group is about to raise it
     "left": [...],                 the same, for tasks left over after the end
     "unawaited": [["sleep", 31], ...],      coroutines never awaited, and the line that made them
     "seeds": [12, ...],            lines that seeded a random generator during the run
     "joined_stats": {...} | None,  the dict of counts when the queue's join() returned
     "stats": {...} | None,         the same once all was quiet
     "last_stats": {...} | None,    the same at the end
     "result": ..., "deterministic": true}

The kinds of events and their data:

    queue q maxsize · put_wait q item · put q size item · get_wait q · get q size item
    done q unfinished (-1: one call too many) · join q unfinished · joined q unfinished
    shutdown q size unfinished
    take item · drained · begin item try service · said item try service keywords
    stopping item try service · finish item try outcome service · stranger type
    value q value (put into q) · set event · rested (a reader's rest is over)
    timer delay (it fired; task 0 if no task asked for it) · blocked seconds
    print text size · stderr text size (size: of the first queue at that time)
    spawn task · end how error · cancel · quiet · return

`item` is the item's place in the scenario (None if it is not an item), `service` the service's place in
the script. The outcome of a try is ok, transient, error, cancelled or stopped.

The judge adds data from the script: `lanes`, the letter for the callers of each service; `services` and
`queues`, their names.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter, le
from typing import Any, NamedTuple

from grader.errors import GraderError

__all__ = ["Event", "Record", "TraceError", "Try", "Wait"]

FORMAT = 2
FOREVER = 1e12
"""Seconds: times must be below this, and so finite."""

LONGEST_TEXT = 2_000
"""The most characters of a text from a learner's process; the lab writes no longer ones."""

_NUMBER = (int, float)
_INDEX = (int, type(None))
_PLAIN = (dict, list, str, int, float, bool, type(None))
_SHAPES: Mapping[str, tuple[Any, ...]] = {
    "queue": (int, int),
    "put_wait": (int, _INDEX),
    "put": (int, int, _INDEX),
    "get_wait": (int,),
    "get": (int, int, _INDEX),
    "done": (int, int),
    "join": (int, int),
    "joined": (int, int),
    "shutdown": (int, int, int),
    "take": (int,),
    "drained": (),
    "begin": (int, int, int),
    "said": (int, int, int, dict),
    "stopping": (int, int, int),
    "finish": (int, int, str, int),
    "value": (int, _PLAIN),
    "set": (int,),
    "rested": (),
    "stranger": (str,),
    "timer": (_NUMBER,),
    "blocked": (_NUMBER,),
    "print": (str, _INDEX),
    "stderr": (str, _INDEX),
    "spawn": (int,),
    "end": (str, (dict, type(None))),
    "cancel": (),
    "quiet": (),
    "return": (),
}


_SERVICE = "Service.__call__"  # the name that the lab gives to a service's coroutines
_WITH_ITEM = {"take": 0, "begin": 0, "said": 0, "stopping": 0, "finish": 0, "put_wait": 1}
_WITH_ITEM |= {"put": 2, "get": 2}
_OF_SERVICE = frozenset({"begin", "finish"})
_WITH_SECONDS = frozenset({"timer", "blocked"})
_WITH_TEXT = frozenset({"print", "stderr", "stranger"})


def _column_types(kind: str) -> tuple[frozenset[type], ...]:
    """The types allowed in each column of a row of this kind."""
    shape = (_NUMBER, int, str, _INDEX, *_SHAPES[kind])
    return tuple(frozenset(one if isinstance(one, tuple) else (one,)) for one in shape)


_COLUMNS = {kind: _column_types(kind) for kind in _SHAPES}


class TraceError(GraderError):
    """The answer is not a complete trace; none of it is used."""


class Event(tuple[Any, ...]):
    """One row: what a task did, at which virtual time, on which line of the learner's file."""

    __slots__ = ()

    at: float = property(itemgetter(0))  # type: ignore[assignment]
    task: int = property(itemgetter(1))  # type: ignore[assignment]
    kind: str = property(itemgetter(2))  # type: ignore[assignment]
    line: int | None = property(itemgetter(3))  # type: ignore[assignment]
    data: tuple[Any, ...] = property(itemgetter(slice(4, None)))  # type: ignore[assignment]


class Try(NamedTuple):
    """One try of one item. `end` and `outcome` are None if it never ended.

    `item` is the item's place in the scenario, `number` counts its tries from 1, `service` is the
    place of the called service. `order` and `end_order` are the positions of its events.
    """

    item: int
    number: int
    task: int
    start: float
    line: int | None
    end: float | None = None
    outcome: str | None = None
    end_order: int | None = None
    order: int = 0
    service: int = 0


_CALLED_BY_PYTHON = {"__aenter__": "async with", "__aexit__": "async with, at its end"}


@dataclass(frozen=True)
class Wait:
    """A waiting task: the learner's line, and the function or task that it waits in (`Queue.join`).

    error: the exception that it is about to raise, if it waits for a task group to end.
    """

    task: int
    line: int | None
    inside: str
    error: Mapping[str, Any] | None = None

    @property
    def place(self) -> str:
        """`inside` for people: `async with` where that waits for a lock, its end where for tasks."""
        return _CALLED_BY_PYTHON.get(self.inside.rpartition(".")[2], self.inside)


class Record:
    """The record of one scenario, validated on construction."""

    def __init__(
        self,
        raw: Mapping[str, Any],
        items: Sequence[Any] = (),
        supplied: Collection[int] = (),
    ) -> None:
        """Validate and read a record; raises `TraceError` if it is not a complete trace.

        raw: the lab's answer.
        items: the scenario's items, in order (for their names).
        supplied: lines of the learner's file that came with the stub; an error's `lines` omit them if
            others remain.
        """
        self._supplied = supplied
        self.items = tuple(items)
        try:
            self._read(raw)
        except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise TraceError(f"what came back is no trace: {error!r}") from error

    def _read(self, raw: Mapping[str, Any]) -> None:
        if raw["format"] != FORMAT:
            raise ValueError(f"format {raw['format']!r}")
        self.end: Mapping[str, Any] = _exactly(raw["end"], dict)
        self.how: str = _exactly(raw["end"]["how"], str)
        if self.how == "raised" or self.end.get("error") is not None:
            self._check_error(self.end["error"])
        after = _exactly(self.end.get("after", []), list)
        for value, types in zip(after, (_NUMBER, _INDEX, int, int), strict=bool(after)):
            _exactly(value, types)
        if after:
            _check_places(after[2:3], len(self.items), "an item")
        self.clock: float = _exactly(raw["clock"], _NUMBER)
        self.tasks: tuple[str, ...] = tuple(_exactly(name, str) for name in raw["tasks"])
        self.crew: tuple[int, ...] = tuple(map(self._task, raw["crew"]))
        self.labs: tuple[int, ...] = tuple(map(self._task, raw.get("labs", ())))
        self.lanes: tuple[str, ...] = tuple(_exactly(one, str) for one in raw.get("lanes", ("C",)))
        self.services: tuple[str, ...] = tuple(raw.get("services", ()))
        self.queues: tuple[str, ...] = tuple(raw.get("queues", ()))
        self.events: tuple[Event, ...] = self._checked(raw["events"])
        self.raw = {**raw, "events": self.events}  # shares the events, to save memory
        self.tries: tuple[Try, ...] = _tries(self.events)
        self.waits = tuple(map(self._wait, raw["waits"]))
        self.left = tuple(map(self._wait, raw["left"]))
        self.unawaited = tuple(
            (_exactly(name, str), _exactly(line, _INDEX)) for name, line in raw["unawaited"]
        )
        self.seeds = tuple(_exactly(line, _INDEX) for line in raw["seeds"])
        self.stats: Mapping[str, Any] | None = _exactly(raw["stats"], (dict, type(None)))
        joined = raw.get("joined_stats")
        self.joined_stats: Mapping[str, Any] | None = _exactly(joined, (dict, type(None)))
        last = raw.get("last_stats")
        self.last_stats: Mapping[str, Any] | None = _exactly(last, (dict, type(None)))
        self.result: Any = raw["result"]
        self.deterministic: bool = raw["deterministic"] is True

    def _checked(self, rows: list[Any]) -> tuple[Event, ...]:
        """The rows as events, with the exact types of their kinds.

        Checked column by column, which runs in C: there may be ten thousand rows.
        """
        times = [row[0] for row in rows]
        by_kind: dict[str, list[Any]] = {}
        for row in rows:
            by_kind.setdefault(row[2], []).append(row)
        for kind, alike in by_kind.items():
            self._check_columns(kind, list(zip(*alike, strict=True)))
        if not all(map(le, times, times[1:])):  # false for NaN as well
            raise ValueError("a time before the one before it")
        if times and not 0 <= times[0] <= times[-1] < FOREVER:
            raise ValueError(f"no times: {times[0]!r:.100} to {times[-1]!r:.100}")
        return tuple(map(Event, rows))

    def _check_columns(self, kind: str, columns: list[tuple[Any, ...]]) -> None:
        """Raise `ValueError` unless all rows of this kind are valid events."""
        for column, types in zip(columns, _COLUMNS[kind], strict=True):
            if not types.issuperset(map(type, column)):
                raise ValueError(f"no rows of {kind}")
        _, tasks, _, _, *data = columns
        if not 0 <= min(tasks) <= max(tasks) < len(self.tasks):
            raise ValueError("a task without a number")
        if kind in _WITH_ITEM:
            _check_places(data[_WITH_ITEM[kind]], len(self.items), "an item")
        if kind in _OF_SERVICE:
            _check_places(data[-1], len(self.lanes), "a service")
        elif kind in _WITH_SECONDS and not all(map(FOREVER.__gt__, map(abs, data[0]))):
            raise ValueError("no number of seconds")
        elif kind in _WITH_TEXT and max(map(len, data[0])) > LONGEST_TEXT:
            raise ValueError("a text that is too long")
        elif kind == "spawn":
            tuple(map(self._task, data[0]))
        elif kind == "end":
            tuple(map(self._check_error, data[1]))

    def _check_error(self, error: Any) -> None:
        """Raise unless `error` is None or an error record of the lab's, inner errors included."""
        if error is None:
            return
        for key, kind in (("bases", str), ("lines", int)):
            for value in _exactly(error[key], list):
                _exactly(value, kind)
        _exactly(error["type"], str)
        _exactly(error["text"], str)
        for inner in _exactly(error.get("inner", []), list):
            self._check_error(inner)
        own = [line for line in error["lines"] if line not in self._supplied]
        error["lines"] = own or error["lines"]

    def _task(self, number: Any) -> int:
        if not 0 <= _exactly(number, int) < len(self.tasks):
            raise ValueError(f"no task number {number}")
        found: int = number
        return found

    def _wait(self, row: Mapping[str, Any]) -> Wait:
        task, line, inside = row["task"], row["line"], row["in"]
        self._check_error(error := row.get("error"))
        if _exactly(inside, str) == _SERVICE and self.services:
            inside = " or ".join(self.services)
        return Wait(self._task(task), _exactly(line, _INDEX), inside, error)


def _check_places(column: Sequence[int | None], count: int, what: str) -> None:
    found = {one for one in {*column} if one is not None}
    if found and not 0 <= min(found) <= max(found) < count:
        raise ValueError(f"{what} without a number")


def _exactly(value: Any, types: Any) -> Any:
    """Return `value` if its type is exactly one of `types`; else raise TypeError."""
    if type(value) not in (types if isinstance(types, tuple) else (types,)):
        raise TypeError(f"a {type(value).__name__} where none belongs")
    return value


def _tries(events: Sequence[Event]) -> tuple[Try, ...]:
    """Every try of every item, in order of their beginnings."""
    begun: dict[tuple[int, int, int], tuple[int, Event]] = {}
    ended: dict[tuple[int, int, int], tuple[int, Event]] = {}
    for order, event in enumerate(events):
        kind = event[2]
        if kind == "begin":
            found = begun
        elif kind == "finish":
            found = ended
        else:
            continue
        one = event[-1], event[4], event[5]
        if one in found:
            raise ValueError(f"try {one[2]} of item {one[1]} has two of: {kind}")
        found[one] = order, event
    if not begun.keys() >= ended.keys():
        raise ValueError("a try ends that never began")
    tries = []
    for one, (order, (at, task, _kind, line, *_)) in begun.items():
        service, item, number = one
        known = ended.get(one)
        if known is None:
            tries.append(Try(item, number, task, at, line, order=order, service=service))
        else:
            end = known[1]
            tries.append(
                Try(item, number, task, at, line, end[0], end[6], known[0], order, service)
            )
    return tuple(tries)
