"""Reads the timing off a trace: pauses, waits, queue sizes, the makespan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.results import CheckResult
from grader.trace import SAME_TIME, Retry, Trace, TraceError, apart

__all__ = ["Depth", "Measures", "Pause", "measure", "pause_of", "read", "telling"]


@dataclass(frozen=True)
class Pause:
    """One wait before a retry, beside what was asked; all in seconds, None where unknown."""

    number: int
    waited: float
    least: float | None = None
    most: float | None = None

    @property
    def verdict(self) -> str:
        """`too short`, `too long`, or nothing when it is right or nobody knows."""
        if self.least is not None and self.waited < self.least - SAME_TIME:
            return "too short"
        if self.most is not None and self.waited > self.most + SAME_TIME:
            return "too long"
        return ""


@dataclass(frozen=True)
class Depth:
    """The most items that waited in a queue; maxsize: its bound, 0 for none."""

    name: str
    deepest: int
    maxsize: int = 0


@dataclass(frozen=True)
class Measures:
    """The timing of one scenario, in virtual seconds.

    item, pauses: the retries of the item that tells the most; others, others_off: how many
    retries the other items had, and how many of those were not as asked. queues: those that
    something was put into.
    """

    makespan: float
    ideal: float | None = None
    item: str = ""
    pauses: tuple[Pause, ...] = ()
    others: int = 0
    others_off: int = 0
    queues: tuple[Depth, ...] = ()
    producer_waited: float = 0.0
    blocked: float = 0.0
    blocked_line: int | None = None


def telling(checks: tuple[CheckResult, ...]) -> CheckResult | None:
    """The check in whose scenario most happened, of those that have a trace."""
    shown = [check for check in checks if check.observation.trace is not None]
    return max(shown, key=_length, default=None)


def _length(check: CheckResult) -> int:
    return len((check.observation.trace or {}).get("events", ()))


def read(raw: Mapping[str, Any] | None) -> Trace | None:
    """The trace of an observation, its items told apart; None where there is none that can be read."""
    if raw is None:
        return None
    items = raw.get("items")
    try:
        return apart(Trace(raw, _numbers(raw) if items is None else items))
    except (TraceError, TypeError):
        return None


def _numbers(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """Stand-ins for the names of items that were not recorded: `#1`, `#2`, ..."""
    kinds = ("take", "begin", "finish")
    places = [row[4] for row in raw.get("events", ()) if row[2] in kinds]
    return tuple(f"#{place + 1}" for place in range(max(places, default=-1) + 1))


def measure(trace: Trace) -> Measures:
    """All measures of a trace; `windows` and `ideal` in its raw data are the scenario's."""
    retries = _after_failures(trace)
    item = _most_telling_item(trace, retries)
    own = [retry for retry in retries if retry.item == item]
    others = [pause_of(retry, trace) for retry in retries if retry.item != item]
    blocked = trace.blocked
    return Measures(
        makespan=trace.clock,
        ideal=trace.raw.get("ideal"),
        item="" if item is None else trace.name(item),
        pauses=tuple(pause_of(retry, trace) for retry in own),
        others=len(others),
        others_off=sum(bool(pause.verdict) for pause in others),
        queues=tuple(_depths(trace)),
        producer_waited=_producer_waited(trace),
        blocked=sum(stop.seconds for stop in blocked),
        blocked_line=blocked[0].line if blocked else None,
    )


def pause_of(retry: Retry, trace: Trace) -> Pause:
    """A retry's wait beside what is asked for, where the exercise says so."""
    windows = trace.raw.get("windows") or ()
    if retry.number > len(windows):
        return Pause(retry.number, retry.pause)
    least, most = windows[retry.number - 1]
    return Pause(retry.number, retry.pause, least, most)


def _after_failures(trace: Trace) -> list[Retry]:
    """The pauses after tries that failed for the moment: after a success nobody waits for a retry."""
    failed = {(t.item, t.number, t.end) for t in trace.tries if t.outcome == "transient"}
    return [one for one in trace.retries if (one.item, one.number, one.start) in failed]


def _most_telling_item(trace: Trace, retries: Sequence[Retry]) -> int | None:
    """The item with the first pause that is not as asked, or else the one retried most."""
    for retry in retries:
        if pause_of(retry, trace).verdict:
            return retry.item
    counts = Counter(retry.item for retry in retries)
    return counts.most_common(1)[0][0] if counts else None


def _depths(trace: Trace) -> Iterator[Depth]:
    """The queues in order. What the lab itself puts (a queue filled at the start) tells nothing."""
    bounds = {event.data[0]: max(0, event.data[1]) for event in trace.of("queue")}
    deepest: dict[int, int] = {}
    for put in trace.puts:
        if put.task:
            deepest[put.queue] = max(put.size, deepest.get(put.queue, 0))
    names = dict(enumerate(trace.queues, 1))
    for queue in sorted(deepest):
        yield Depth(names.get(queue) or "", deepest[queue], bounds.get(queue, 0))


def _producer_waited(trace: Trace) -> float:
    """How long those who take items waited in `put` for room in a queue."""
    producers = {event.task for event in trace.taken}
    since: dict[int, float] = {}
    waited = 0.0
    for event in trace.of("put_wait", "put", "end"):
        if event.kind == "put_wait" and event.task in producers:
            since.setdefault(event.task, event.at)
        elif event.task in since:
            waited += event.at - since.pop(event.task)
    return waited + sum(trace.clock - start for start in since.values())
