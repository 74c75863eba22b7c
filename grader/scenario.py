"""What to run: scenarios as frozen data, to plain JSON and back.

A scenario names the function to call, the items, and what the service does with each of them.
It is all that the learner's process gets to know: no expectation is part of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

__all__ = [
    "ALWAYS",
    "HARD_STOP",
    "ODD",
    "Consume",
    "Item",
    "Job",
    "Odd",
    "Pipeline",
    "Scenario",
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
"""As `Job.fails`: every try fails."""


HARD_STOP = "HardStop"
"""As `Job.error`: an exception of a class of its own, which is no `Exception` but a `BaseException`."""


@dataclass(frozen=True)
class Job:
    """One item, and what the service does with it.

    item: what the learner's code is given (never None; two equal items are two items).
    seconds: how long each try takes, in virtual seconds.
    fails: how many tries fail with a `TransientError` before one succeeds, or `ALWAYS`.
    error: after the failing tries raise this instead of succeeding: the name of an exception of
        Python's or asyncio's, `ExceptionGroup` for one of `TransientError`s, or any other name for a
        class made for the purpose. After failing tries it is raised from a `TransientError`, as its
        `__cause__`.
    at: when the item is put into the queue, in virtual seconds (`Consume` only).
    """

    item: Item
    seconds: float = 0.05
    fails: int = 0
    error: str | None = None
    at: float = 0.0


@dataclass(frozen=True)
class Pipeline:
    """Call `run_pipeline(items, service, **options)` once, or twice at the same time.

    The items come from a source that notes when each is taken: a generator when `lazy`, else
    an iterable object (which has no length and no index either). Options that are `unsaid` are in
    force by the signature's defaults: they are not handed over. The last `beside` jobs are not of this
    call but of another that runs beside it, with the same options; the result is a list of both then.
    Where there are very many items or tries, a `brief` record may do: of the tries, the timers and the
    tasks alone, with the lines at which tries begin.
    """

    jobs: tuple[Job, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    lazy: bool = True
    beside: int = 0
    unsaid: frozenset[str] = frozenset()
    brief: bool = False


@dataclass(frozen=True)
class Consume:
    """Start one `consumer(name, q, service, stats, **options)` per name on one queue.

    The scenario ends when nothing moves any more. `starts` are the consumers' starting times
    (all 0 when empty); `cancel` is when all consumers are cancelled (None: when all is quiet).
    `unsaid` options are left to the defaults, and the record is `brief`, as in a `Pipeline`.
    """

    jobs: tuple[Job, ...]
    names: tuple[str, ...] = ("C1",)
    options: Mapping[str, Any] = field(default_factory=dict)
    starts: tuple[float, ...] = ()
    cancel: float | None = None
    unsaid: frozenset[str] = frozenset()
    brief: bool = False


Scenario: TypeAlias = "Pipeline | Consume"


def to_json(scenario: Scenario) -> dict[str, Any]:
    """The scenario as plain JSON data: what the learner's process gets to know of it."""
    shared = {
        "jobs": [
            [_plain(job.item), job.seconds, job.fails, job.error, job.at] for job in scenario.jobs
        ],
        "options": {k: v for k, v in scenario.options.items() if k not in scenario.unsaid},
        "brief": scenario.brief,
    }
    if isinstance(scenario, Pipeline):
        return {"kind": "pipeline", **shared, "lazy": scenario.lazy, "beside": scenario.beside}
    return {
        "kind": "consume",
        **shared,
        "names": list(scenario.names),
        "starts": list(scenario.starts),
        "cancel": scenario.cancel,
    }


def _plain(item: Item) -> Any:
    if isinstance(item, Odd):
        return {"odd": item.kind}
    return {"tuple": list(item)} if isinstance(item, tuple) else item


def _item(data: Any) -> Item:
    if isinstance(data, dict):
        return Odd(data["odd"]) if "odd" in data else tuple(data["tuple"])
    item: Item = data
    return item


def from_json(data: Mapping[str, Any]) -> Scenario:
    """The scenario that `to_json` wrote; raises `ValueError` for any other data."""
    try:
        jobs = tuple(Job(_item(item), *rest) for item, *rest in data["jobs"])
        options, brief = dict(data["options"]), data["brief"]
        if data["kind"] == "pipeline":
            return Pipeline(jobs, options, data["lazy"], data["beside"], brief=brief)
        if data["kind"] == "consume":
            names, starts = tuple(data["names"]), tuple(data["starts"])
            return Consume(jobs, names, options, starts, data["cancel"], brief=brief)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"not a scenario: {error!r}") from error
    raise ValueError(f"no such kind of scenario: {data['kind']!r}")
