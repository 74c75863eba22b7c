"""Scripts for the learner's process, as frozen data with conversion to plain JSON and back.

A script lists the objects of a scenario (items, sources, queues, services), the calls to make with them,
and what happens when. The learner's process receives nothing else: no expectations and none of the
course's code. `grader.course.kit.world` writes scripts, the lab plays them, and the replay of a record
checks against them what was possible.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from typing import Any, NamedTuple, TypeAlias

__all__ = [
    "ALWAYS",
    "CALLS_RETURN",
    "HARD_STOP",
    "MOST_TRIES",
    "ODD",
    "QUIET",
    "Act",
    "Action",
    "Call",
    "Error",
    "Item",
    "Odd",
    "Own",
    "Plan",
    "Queue",
    "Reader",
    "Ref",
    "Rule",
    "Script",
    "Service",
    "Source",
    "from_json",
    "to_json",
]

ODD = {
    "equal": "an object that is equal to everything",
    "unequal": "an object that is equal to nothing",
    "false": "an object that is false and has no length",
    "error": "an exception object",
    "cancelled": "a CancelledError object",
    "coroutine": "a coroutine object",
    "class": "a class",
    "named": "an object with a key, an id and a name",
    "bytes": "some bytes",
    "dict": "a dict",
    "ellipsis": "Ellipsis",
    "generator": "a generator object",
}
"""Kinds of items that JSON cannot hold, with a description of each.

All objects with a key, an id and a name have the same ones.
"""


@dataclass(frozen=True)
class Odd:
    """An item that only the lab can make; `kind` is a key of `ODD`."""

    kind: str

    def __str__(self) -> str:
        return f"<{ODD[self.kind]}>"

    __repr__ = __str__


Item: TypeAlias = "str | int | float | bool | list[int] | tuple[int, ...] | Odd"
ALWAYS = -1
"""A value for `Plan.fails`: every try fails."""

MOST_TRIES = 2_500
"""The limit for one item; exercises need up to 300, or 2,000 to check that a power does not overflow."""

HARD_STOP = "HardStop"
"""A name for `Error`: a new class derived directly from `BaseException`, not from `Exception`."""


@dataclass(frozen=True)
class Own:
    """An exception whose class the submission defines.

    arguments, options: plain arguments for the class; if there are none, the lab passes a message.
    below: raise a new subclass of it instead.
    """

    name: str
    arguments: tuple[Any, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    below: bool = False


Error: TypeAlias = "str | Own"
"""An exception of Python or asyncio by name; `<Name` for a new subclass of one; `ExceptionGroup` for a
group of the service's failures; any other name for a new class; or one of the submission's own."""


class Plan(NamedTuple):
    """What a service does on the tries of one item.

    seconds: how long each try takes, in virtual seconds.
    fails: how many tries fail before one succeeds (see `Service.failing`), or `ALWAYS`.
    error: raised instead of the success; after failures, one of them is its `__cause__`.
    """

    seconds: float = 0.05
    fails: int = 0
    error: Error | None = None

    def act(self, number: int) -> Act:
        """What becomes of the try `number`."""
        if self.fails == ALWAYS or number <= self.fails:
            return Act(self.seconds, True, None, False)
        return Act(self.seconds, False, self.error, self.error is None)


@dataclass(frozen=True)
class Rule:
    """Overrides the plans for some tries; the first rule that fits applies.

    It fits the tries of `items` (places; None: any item) with a number from `first` to `last` (None: no
    limit) that begin at or after `since` and before `until` (virtual seconds), and of these only every
    `every`-th call of the service.

    seconds: how long such a try takes (None: as planned; infinity: until it is cancelled).
    slower: a factor for the duration.
    fails: the try fails.
    error: the try raises this.
    answers: the try succeeds.
    lost: the try takes effect but fails all the same.
    cleanup: the virtual seconds that it takes to end when it is cancelled (None: as others).
    """

    items: tuple[int, ...] | None = None
    first: int = 1
    last: int | None = None
    since: float = 0.0
    until: float = math.inf
    every: int = 1
    seconds: float | None = None
    slower: float = 1.0
    fails: bool = False
    error: Error | None = None
    answers: bool = False
    lost: bool = False
    cleanup: float | None = None

    def fits(self, item: int, number: int, call: int, at: float) -> bool:
        """Whether this rule fits try `number` of an item, the service's `call`-th call, begun `at`."""
        return (
            self.since <= at < self.until
            and number >= self.first
            and (self.last is None or number <= self.last)
            and not call % self.every
            and (self.items is None or item in self.items)
        )


class Act(NamedTuple):
    """The course of one try, unless it is cut short.

    seconds: how long it takes, in virtual seconds; may be infinite.
    fails: it raises the service's `failing`.
    error: it raises this.
    effect: whether it takes effect.
    cleanup: how long it takes to end when it is cancelled, if not as long as other tries.
    """

    seconds: float
    fails: bool = False
    error: Error | None = None
    effect: bool = True
    cleanup: float | None = None


@dataclass(frozen=True)
class Service:
    """An async callable that takes an item.

    name: for display.
    plans: one for each item, by place.
    rules: overrides of the plans.
    failing: the exception of a failing try.
    cleanup: virtual seconds that a cancelled try takes to end.
    gives: a success returns a new object, which stands for the item from then on.
    given: it accepts only objects returned by another service, not the items themselves.
    keywords: the names of its keyword arguments besides the item.
    breaks: moments, in virtual seconds, at which all running tries fail.
    lane: the letter with which screens label its callers.
    """

    name: str
    plans: tuple[Plan, ...]
    rules: tuple[Rule, ...] = ()
    failing: Error | None = None
    cleanup: float = 0.0
    gives: bool = False
    keywords: tuple[str, ...] = ()
    breaks: tuple[float, ...] = ()
    lane: str = "C"
    given: bool = False

    @property
    def is_planned(self) -> bool:
        """Whether each try goes as its item's plan says, whenever it begins."""
        return not (self.rules or self.breaks)

    def act(self, item: int, number: int, call: int, at: float) -> Act:
        """The course of try `number` of an item, the `call`-th call in all, if it begins `at`."""
        act = self.plans[item].act(number)
        if self.is_planned:
            return act
        rule = next((one for one in self.rules if one.fits(item, number, call, at)), None)
        if rule is not None:
            seconds = (act.seconds if rule.seconds is None else rule.seconds) * rule.slower
            act = Act(seconds, act.fails, act.error, act.effect)
            if rule.answers:
                act = Act(seconds)
            elif rule.lost:
                act = Act(seconds, fails=True)
            elif rule.fails or rule.error is not None:
                act = Act(seconds, rule.fails, rule.error, effect=False)
            act = act._replace(cleanup=rule.cleanup)
        cut = min((t for t in self.breaks if at < t < at + act.seconds), default=None)
        return act if cut is None else Act(round(cut - at, 9), fails=True, effect=False)

    def cleanup_of(self, act: Act | None) -> float:
        """The seconds that a try takes to end when it is cancelled; act: None for one as planned."""
        return self.cleanup if act is None or act.cleanup is None else act.cleanup


@dataclass(frozen=True)
class Source:
    """Supplies the items `first` to `last` - 1, and records each one taken.

    lazy: a generator; else an iterable object, also without a length or index.
    times: for an async source, when each item becomes available, in virtual seconds.
    error: what a source that is not async raises after its last item (a name; "": nothing, it ends).
    turns: the places that a source that is not async supplies instead, one after the other: an item
        that is there twice is the same object both times.
    """

    first: int
    last: int
    lazy: bool = True
    times: tuple[float, ...] | None = None
    error: str = ""
    turns: tuple[int, ...] = ()


@dataclass(frozen=True)
class Queue:
    """An `asyncio.Queue` for use in calls."""

    name: str = "q"
    maxsize: int = 0


@dataclass(frozen=True)
class Reader:
    """Takes item after item from a queue, starting at `since`, and rests `every` seconds after each.

    Both are virtual seconds.
    """

    queue: int
    every: float
    since: float = 0.0


@dataclass(frozen=True)
class Ref:
    """Refers to an object of the script in a call's arguments: `Ref("queue", 0)` is the first queue.

    kind: source, queue, service, event, item, keys (a function from item to key) or counts.
    """

    kind: str
    number: int = 0


@dataclass(frozen=True)
class Call:
    """A call of one of the submission's functions.

    values: arguments, each plain or a `Ref`; passed by position, or by `names` if only that works.
    options: keyword arguments.
    at: when, in virtual seconds.
    task: the name of its task, also on screens; may be empty.
    """

    function: str
    values: tuple[Any, ...] = ()
    names: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    at: float = 0.0
    task: str = ""


@dataclass(frozen=True)
class Action:
    """An action of the lab's: put an item into a queue, set an event, or cancel calls.

    at: when, in virtual seconds.
    do: `put` (what: queue, item), `set` (what: event) or `cancel` (what: the calls; empty for all).
    """

    at: float
    do: str
    what: tuple[int, ...] = ()


CALLS_RETURN, QUIET = "returned", "quiet"


@dataclass(frozen=True)
class Script:
    """Everything that is played in one run. Places and numbers count from 0.

    counts: the keys of the dict of counts that the calls may receive, each 0 at first. The lab reads it
        when the first queue's work is done, when all is quiet, and at the end.
    keys: the items' keys, for the function from item to key, which makes a new object of each, each time.
    ends: `CALLS_RETURN`: once all calls have returned or one has raised. `QUIET`: once nothing moves any
        more; unless an action cancels calls, they are then cancelled, and it ends at the next quiet.
    hands: the most tries that can run at once: while that many run, everybody is busy.
    values: record the contents of values put into the queues, and of results: items by place, errors by
        the tries that raised them.
    brief: keep a short record, for very many items or tries: only tries, timers and tasks, and lines
        only for the beginnings of tries.
    """

    items: tuple[Item, ...] = ()
    sources: tuple[Source, ...] = ()
    queues: tuple[Queue, ...] = ()
    services: tuple[Service, ...] = ()
    events: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()
    keys: tuple[Any, ...] = ()
    calls: tuple[Call, ...] = ()
    readers: tuple[Reader, ...] = ()
    actions: tuple[Action, ...] = ()
    ends: str = CALLS_RETURN
    hands: int = 1
    values: bool = False
    brief: bool = False

    @property
    def is_cancelled(self) -> bool:
        """Whether an action cancels calls."""
        return any(action.do == "cancel" for action in self.actions)

    def moments(self) -> set[float]:
        """The times of the lab's own actions, in virtual seconds, rounded to nanoseconds."""
        times = {*(call.at for call in self.calls), *(action.at for action in self.actions)}
        times.update(t for source in self.sources for t in source.times or ())
        times.update(reader.since for reader in self.readers)
        return {round(time, 9) for time in times}


# -- to JSON and back --------------------------------------------------------------------------------


def to_json(script: Script) -> dict[str, Any]:
    """The script as plain JSON data, without fields that have their default value."""
    return {
        name: _WRITE[name](value) if name in _WRITE else value for name, value in _said(script, "")
    }


@cache
def _defaults(kind: Any) -> tuple[tuple[str, Any], ...]:
    """Each field with its default, or `MISSING` if it has none."""
    return tuple(
        (one.name, one.default if one.default_factory is MISSING else one.default_factory())
        for one in fields(kind)
    )


def _said(thing: Any, *unsaid: str) -> list[tuple[str, Any]]:
    """The fields that differ from their defaults, except those in `unsaid`."""
    values = vars(thing)
    return [
        (name, values[name])
        for name, default in _defaults(thing.__class__)
        if values[name] != default and name not in unsaid
    ]


def _plans(plans: tuple[Plan, ...]) -> list[Any]:
    return [
        [one.seconds, one.fails]
        if one.error is None
        else [one.seconds, one.fails, _error(one.error)]
        for one in plans
    ]


def _error(error: Error | None) -> Any:
    return dict(_said(error)) if isinstance(error, Own) else error


def _service(service: Service) -> dict[str, Any]:
    data = dict(_said(service, "lane"))
    data["plans"] = _plans(service.plans)
    data["rules"] = [_rule(rule) for rule in service.rules]
    data["failing"] = _error(service.failing)
    return data


def _rule(rule: Rule) -> dict[str, Any]:
    data = dict(_said(rule))
    if "error" in data:
        data["error"] = _error(rule.error)
    if rule.seconds == math.inf:
        data["seconds"] = "inf"
    return data


def _call(call: Call) -> dict[str, Any]:
    return {**dict(_said(call)), "values": [_value(value) for value in call.values]}


def _value(value: Any) -> Any:
    return {"ref": [value.kind, value.number]} if isinstance(value, Ref) else value


def _item(item: Item) -> Any:
    if isinstance(item, Odd):
        return {"odd": item.kind}
    return {"tuple": list(item)} if isinstance(item, tuple) else item


def _each(write: Any) -> Any:
    return lambda things: [write(thing) for thing in things]


_WRITE: dict[str, Any] = {
    "items": _each(_item),
    "keys": _each(_item),
    "sources": _each(lambda one: dict(_said(one))),
    "queues": _each(lambda one: dict(_said(one))),
    "services": _each(_service),
    "calls": _each(_call),
    "readers": _each(lambda one: dict(_said(one))),
    "actions": _each(lambda one: [one.at, one.do, *one.what]),
}


def from_json(data: Mapping[str, Any]) -> Script:
    """The script that `to_json` wrote; raises `ValueError` for any other data."""
    try:
        return Script(
            **{name: _READ[name](value) if name in _READ else value for name, value in data.items()}
        )
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"not a script: {error!r}") from error


def _item_of(data: Any) -> Item:
    if isinstance(data, dict):
        return Odd(data["odd"]) if "odd" in data else tuple(data["tuple"])
    item: Item = data
    return item


def _error_of(data: Any) -> Error | None:
    if isinstance(data, dict):
        return Own(**{**data, "arguments": tuple(data.get("arguments", ()))})
    error: str | None = data
    return error


def _service_of(data: Mapping[str, Any]) -> Service:
    plans = tuple(
        Plan(seconds, fails, _error_of(rest[0]) if rest else None)
        for seconds, fails, *rest in data["plans"]
    )
    return Service(
        **{
            **data,
            "plans": plans,
            "rules": tuple(map(_rule_of, data["rules"])),
            "failing": _error_of(data["failing"]),
            "keywords": tuple(data.get("keywords", ())),
            "breaks": tuple(data.get("breaks", ())),
        }
    )


def _rule_of(data: Mapping[str, Any]) -> Rule:
    read = dict(data)
    if "items" in read:
        read["items"] = tuple(read["items"])
    if "error" in read:
        read["error"] = _error_of(read["error"])
    if read.get("seconds") == "inf":
        read["seconds"] = math.inf
    return Rule(**read)


def _call_of(data: Mapping[str, Any]) -> Call:
    values = tuple(_value_of(value) for value in data["values"])
    return Call(**{**data, "values": values, "names": tuple(data.get("names", ()))})


def _value_of(value: Any) -> Any:
    return Ref(*value["ref"]) if isinstance(value, dict) else value


def _source_of(data: Mapping[str, Any]) -> Source:
    times, turns = data.get("times"), tuple(data.get("turns", ()))
    return Source(**{**data, "times": None if times is None else tuple(times), "turns": turns})


def _every(read: Any) -> Any:
    return lambda rows: tuple(map(read, rows))


_READ: dict[str, Any] = {
    "items": _every(_item_of),
    "keys": _every(_item_of),
    "sources": _every(_source_of),
    "queues": _every(lambda data: Queue(**data)),
    "services": _every(_service_of),
    "events": tuple,
    "counts": tuple,
    "calls": _every(_call_of),
    "readers": _every(lambda data: Reader(**data)),
    "actions": _every(lambda row: Action(row[0], row[1], tuple(row[2:]))),
}
