"""What the learner's process plays, as frozen data: to plain JSON and back.

A script says what there is (items, sources, queues, services), what is called with it, and what happens
when. It is all that the learner's process gets to know: no expectation is part of it, and no code of the
course's. `grader.course.kit.world` writes scripts; the lab plays them, and the replay of a record asks
them what was possible.
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
}
"""Kinds of items that no JSON can hold, with words for each."""


@dataclass(frozen=True)
class Odd:
    """An item that the lab makes: of a kind in `ODD`."""

    kind: str

    def __str__(self) -> str:
        return f"<{ODD[self.kind]}>"

    __repr__ = __str__


Item: TypeAlias = "str | int | float | bool | list[int] | tuple[int, ...] | Odd"
ALWAYS = -1
"""As `Plan.fails`: every try fails."""

MOST_TRIES = 2_500
"""Of one item; exercises ask for up to 300, or 2,000 to see that a power does not overflow."""

HARD_STOP = "HardStop"
"""As an error: an exception of a class of its own, which is no `Exception` but a `BaseException`."""


@dataclass(frozen=True)
class Own:
    """An exception of a class of the submission's own module.

    arguments, options: what the class is called with, plain values; without any, the lab finds words.
    below: of a subclass of it, made for the purpose.
    """

    name: str
    arguments: tuple[Any, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    below: bool = False


Error: TypeAlias = "str | Own"
"""The name of an exception of Python's or asyncio's, `ExceptionGroup` for one of the service's own
failures, or any other name for a class made for the purpose (`<Name` of a class of Python's for one that
is made below it); or one of the submission's own."""


class Plan(NamedTuple):
    """What a service does with the tries of one item.

    seconds: how long each takes, in virtual seconds.
    fails: how many fail before one succeeds (see `Service.failing`), or `ALWAYS`.
    error: after these, raise this instead of succeeding; then a failure is its `__cause__`.
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
    """What a service does with some tries, whatever their plans say: the first rule that fits counts.

    Which tries: of these `items` (places; None: of any), with a number from `first` to `last`, beginning
    from `since` on and before `until`, in virtual seconds, and only each `every`-th call of the service.

    seconds: how long such a try takes (None: as planned; infinity: until it is cancelled); `slower`
        multiplies it. error: what it raises then; `answers`: it succeeds. lost: the effect takes place,
        and the try fails all the same.
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

    def fits(self, item: int, number: int, call: int, at: float) -> bool:
        """Whether this rule is about the try `number` of an item, the service's `call`-th, begun `at`."""
        return (
            self.since <= at < self.until
            and number >= self.first
            and (self.last is None or number <= self.last)
            and not call % self.every
            and (self.items is None or item in self.items)
        )


class Act(NamedTuple):
    """What becomes of one try, if nobody breaks it off.

    seconds: how long it takes; infinity: for ever. fails: it fails as the service's tries do. error: it
    raises this. effect: what it was to do is done.
    """

    seconds: float
    fails: bool = False
    error: Error | None = None
    effect: bool = True


@dataclass(frozen=True)
class Service:
    """An async callable that is called with an item: `name` is for people.

    plans: by the items' places. rules: what overrides them. failing: what a failing try raises.
    cleanup: seconds that a try which is cancelled needs to end. gives: a success returns an object of
    its own, which stands for the item from then on. given: it takes only what another service gave
    for an item, and not the item itself. keywords: names of what it takes besides the item.
    breaks: moments at which all tries that are running fail.
    lane: the letter by which screens call who calls it.
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
        """What becomes of the try `number` of an item, the `call`-th of all, that begins `at`."""
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
        cut = min((t for t in self.breaks if at < t < at + act.seconds), default=None)
        return act if cut is None else Act(round(cut - at, 9), fails=True, effect=False)


@dataclass(frozen=True)
class Source:
    """What the items `first` to `last` - 1 come from; each one taken is noted.

    lazy: a generator; else an iterable object, which has no length and no index either.
    times: for an async source, when each of its items can be had at the earliest.
    """

    first: int
    last: int
    lazy: bool = True
    times: tuple[float, ...] | None = None


@dataclass(frozen=True)
class Queue:
    """An `asyncio.Queue` that is handed out."""

    name: str = "q"
    maxsize: int = 0


@dataclass(frozen=True)
class Reader:
    """Takes one thing after the other from a queue, from `since` on; rests `every` seconds after each."""

    queue: int
    every: float
    since: float = 0.0


@dataclass(frozen=True)
class Ref:
    """One of the things of a script, where it is handed over: `Ref("queue", 0)` is the first queue.

    kind: source, queue, service, event, item, keys (a function from item to key) or counts.
    """

    kind: str
    number: int = 0


@dataclass(frozen=True)
class Call:
    """A call of one of the submission's functions, at a time in virtual seconds.

    values: plain, or each a `Ref`; given by position, or by these `names` where only that will do.
    options: given by name. task: the name of its task; screens call it that, where there is one.
    """

    function: str
    values: tuple[Any, ...] = ()
    names: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    at: float = 0.0
    task: str = ""


@dataclass(frozen=True)
class Action:
    """What the lab itself does at a time: put an item into a queue, set an event, cancel calls.

    do: `put` (what: queue, item), `set` (what: event) or `cancel` (what: the calls, none for all).
    """

    at: float
    do: str
    what: tuple[int, ...] = ()


CALLS_RETURN, QUIET = "returned", "quiet"


@dataclass(frozen=True)
class Script:
    """All that is played. Places and numbers count from 0.

    counts: the keys of the dict of counts that is handed out, each 0 at first; it is looked at when the
        first queue's work is done, when all is quiet, and at the end.
    keys: the items' keys, for a function that is handed out.
    ends: when all calls have returned, or one has raised; or else when nothing moves any more: then the
        calls are cancelled, unless that was an action, and it ends when nothing moves again.
    hands: how many tries may run at once: with as many, there is nobody else to wait for.
    values: what is put into these queues and what comes back is noted part by part: items by their
        places, errors by their tries.
    brief: where there are very many items or tries, a brief record may do: of the tries, the timers and
        the tasks alone, with the lines at which tries begin.
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
        """When the lab itself does something, in virtual seconds to the nanosecond."""
        times = {*(call.at for call in self.calls), *(action.at for action in self.actions)}
        times.update(t for source in self.sources for t in source.times or ())
        times.update(reader.since for reader in self.readers)
        return {round(time, 9) for time in times}


# -- to JSON and back --------------------------------------------------------------------------------


def to_json(script: Script) -> dict[str, Any]:
    """The script as plain JSON data; what is as by default is left out."""
    return {
        name: _WRITE[name](value) if name in _WRITE else value for name, value in _said(script, "")
    }


@cache
def _defaults(kind: Any) -> tuple[tuple[str, Any], ...]:
    """Each field with its default, or with `MISSING`, which no value is."""
    return tuple(
        (one.name, one.default if one.default_factory is MISSING else one.default_factory())
        for one in fields(kind)
    )


def _said(thing: Any, *unsaid: str) -> list[tuple[str, Any]]:
    """The fields that are not as by default."""
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
    times = data.get("times")
    return Source(**{**data, "times": None if times is None else tuple(times)})


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
