"""Whether a bound holds for all that is under way, and by which mistake it does not."""

from __future__ import annotations

from typing import Any

from grader.course.api import Failure, Mistake, Trace
from grader.course.ex6_find_the_leak.mistakes import (
    FETCHES_TOO_MANY_AT_ONCE,
    MORE_UNDER_WAY_THAN_ALLOWED,
    RECORDS_WAIT_IN_TASKS,
    SECOND_QUEUE_UNBOUNDED,
    STORER_STARTS_TOO_LATE,
    STORER_TAKES_AHEAD,
    TASK_FOR_EACH_ITEM,
)
from grader.course.ex6_find_the_leak.stages import (
    Moment,
    Runs,
    Stages,
    allowed,
    fetches,
    moments,
    queues_between,
    stores,
)
from grader.course.mistakes.bound import (
    IGNORES_MAXSIZE,
    PUTS_RUN_IN_TASKS,
    READS_ALL_ITEMS_FIRST,
    UNBOUNDED_QUEUE,
)
from grader.course.mistakes.crew import IGNORES_CONSUMERS

__all__ = ["bounded", "fixed_bound", "same_fetches", "too_many_fetches"]


def bounded(runs: Runs) -> None:
    """Whenever time passes, at most 2 * maxsize + consumers + 2 items are taken and not stored."""
    for scenario, trace in runs:
        most = allowed(scenario)
        first = next((moment for moment in moments(trace) if moment.under_way > most), None)
        if first is not None:
            raise _why_too_many(runs, scenario, trace, first).about(trace)


def _why_too_many(runs: Runs, scenario: Stages, trace: Trace, first: Moment) -> Failure:
    most = max(moments(trace), key=lambda moment: moment.under_way)
    seen = (
        f"At {first.at:.3f} s {first.under_way} items were taken from `items` and not stored: "
        f"{_parts(first)}.\n"
    )
    if most.under_way > first.under_way:
        seen += f"At {most.at:.3f} s they were {most.under_way}: {_parts(most)}. "
    asks = (
        f"At most {allowed(scenario)}, with maxsize={scenario.maxsize} and "
        f"consumers={scenario.consumers}: two full queues, and one in each hand."
    )
    where: dict[str, Any] = {"line": first.line, "at": first.at, "task": first.task}
    if not first.storing and first.waiting and not most.storing:
        return STORER_STARTS_TOO_LATE(f"{seen}Nobody had begun to store.", asks, **where)
    own = {one.task for one in fetches(trace)}
    started = sum(event.at <= first.at for event in trace.of("spawn"))
    if (
        len(own) == len(fetches(trace))
        and started >= first.under_way
        and most.taken == len(scenario.items)
    ):
        return TASK_FOR_EACH_ITEM(f"{seen}One task for each item had been started.", asks, **where)
    early = _taken_at_once(trace)
    if early >= len(scenario.items):
        return READS_ALL_ITEMS_FIRST(
            f"{seen}All {len(scenario.items)} were taken before anything was done with the first: a "
            "list of all items is an unbounded buffer.",
            asks,
            **where,
        )
    fixed = fixed_bound(runs, trace, before=most.before > scenario.maxsize + 1)
    if fixed is not None:
        size, line = fixed
        return IGNORES_MAXSIZE(
            f"{seen}A queue was made to hold {size}, with every other maxsize, too.",
            asks,
            line=line,
            at=first.at,
            task=first.task,
        )
    if most.taken == len(scenario.items):
        mistake, how = _why_endless(scenario, trace, most)
        return mistake(f"{seen}{how}", asks, **where)
    if max(moment.fetching for moment in moments(trace)) > scenario.consumers:
        return too_many_fetches(runs, scenario, trace)
    ahead = _taken_ahead(trace, first)
    if ahead:
        return STORER_TAKES_AHEAD(
            f"{seen}The task that stores had taken {ahead} of them out of the queue of records before "
            "it could store them.",
            asks,
            **where,
        )
    return MORE_UNDER_WAY_THAN_ALLOWED(seen.rstrip(), asks, **where)


def too_many_fetches(runs: Runs, scenario: Stages, trace: Trace) -> Failure:
    """The failure for more than `consumers` fetches at once."""
    moment = next(one for one in moments(trace) if one.fetching > scenario.consumers)
    mistake = IGNORES_CONSUMERS if same_fetches(runs) else FETCHES_TOO_MANY_AT_ONCE
    return mistake(
        f"At {moment.at:.3f} s {moment.fetching} items were being fetched at once, with "
        f"consumers={scenario.consumers}.",
        f"As many as the parameter says, and never more: {scenario.consumers}.",
        line=moment.line,
        at=moment.at,
        task=moment.task,
    )


def same_fetches(runs: Runs) -> bool:
    """Whether the same number of fetches ran at once, whatever `consumers` was."""
    peaks = {max(moment.fetching for moment in moments(trace)) for _scenario, trace in runs}
    return len(peaks) == 1 < len({scenario.consumers for scenario, _trace in runs})


def _parts(moment: Moment) -> str:
    """Where the items are that are under way."""
    counts = (
        (moment.before, "not fetched yet"),
        (moment.fetching, "being fetched"),
        (moment.waiting, "waiting for store()"),
        (moment.storing, "being stored"),
    )
    return ", ".join(f"{count} {what}" for count, what in counts if count)


def _taken_at_once(trace: Trace) -> int:
    """How many items were taken before anything was done with the first of them."""
    kinds = [
        e.kind for e in trace.events if e.kind in ("take", "put", "put_wait", "begin", "spawn")
    ]
    start = kinds.index("take")
    rest = kinds[start:]
    return next((n for n, kind in enumerate(rest) if kind != "take"), len(rest))


def fixed_bound(runs: Runs, trace: Trace, *, before: bool) -> tuple[int, int | None] | None:
    """The bound of the queue before or behind the fetch, and its line, if it never follows maxsize."""
    found = [bound for one in runs if (bound := _bound(one[1], before=before)) is not None]
    sizes = {size for size, _line in found}
    asked = {scenario.maxsize for scenario, _trace in runs}
    mine = _bound(trace, before=before)
    if mine is None or len(found) < len(runs) or len(sizes) > 1 or len(asked) < 2 or mine[0] < 1:
        return None
    return mine


def _bound(trace: Trace, *, before: bool) -> tuple[int, int | None] | None:
    """The bound, and the line, of the only queue that things wait in before or behind the fetch."""
    between = queues_between(trace)[0 if before else 1]
    made = [event for event in trace.of("queue") if event.data[0] in between]
    return (made[0].data[1], made[0].line) if len(made) == 1 else None


def _why_endless(scenario: Stages, trace: Trace, most: Moment) -> tuple[Mistake, str]:
    """By which mistake everything could be taken; words for it."""
    tasks = sum(event.at <= most.at for event in trace.of("spawn"))
    early = [moment.before for moment in moments(trace) if moment.at <= most.at]
    if max(early) > scenario.maxsize + 1:
        if len({event.task for event in trace.of("put_wait")}) > scenario.consumers + 2:
            return (
                PUTS_RUN_IN_TASKS,
                "Each item waits in a task of its own: the producer never did.",
            )
        return UNBOUNDED_QUEUE, "The producer never had to wait."
    if tasks > most.waiting:
        return RECORDS_WAIT_IN_TASKS, f"{tasks} tasks had been started: one for each record."
    return SECOND_QUEUE_UNBOUNDED, "Storing took long, and no fetch had to wait for it."


def _taken_ahead(trace: Trace, moment: Moment) -> int:
    """How many records whoever stores had taken from their queue by then, and not begun to store."""
    storers = {one.task for one in stores(trace)} - {one.task for one in fetches(trace)}
    got = {
        s.item for s in trace.gets if s.task in storers and s.at <= moment.at and s.item is not None
    }
    return len(got - {one.item for one in stores(trace) if one.start <= moment.at})
