"""Whether everything is fetched and stored, once, one record at a time.

Each function raises a `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from grader.course.api import Failure, Odd, Trace, Try, lines
from grader.course.ex6_find_the_leak.marking import wrong_marks
from grader.course.ex6_find_the_leak.mistakes import (
    END_MARK_BY_VALUE,
    FETCHED_TWICE,
    LIMIT_OF_TIME_ADDED,
    RECORD_LOST,
    RECORD_STORED_TWICE,
    RECORDS_WAIT_IN_TASKS,
    STORER_ENDS_TOO_EARLY,
    STORES_OVERLAP,
)
from grader.course.ex6_find_the_leak.stages import (
    Stages,
    allowed,
    fetches,
    moments_of,
    near,
    queues_between,
    stores,
)
from grader.course.mistakes.bound import READS_ALL_ITEMS_FIRST
from grader.course.mistakes.crew import FALSY_ITEM_TAKEN_FOR_END
from grader.course.mistakes.items import DROPS_ITEMS, EQUAL_ITEMS_MERGED
from grader.course.mistakes.marks import RETURNS_WITHOUT_WAITING

__all__ = [
    "cut_off",
    "each_on_its_own",
    "each_once",
    "errors_in",
    "left_aside",
    "misread",
    "one_at_a_time",
    "plural",
    "storer_gone",
    "why",
]

_ONCE = "Each item is fetched exactly once, and each record is stored exactly once."


def each_once(trace: Trace, scenario: Stages) -> None:
    """Every item was fetched once, and its record stored once, when `run_pipeline` returned."""
    for calls, mistake, verb in (
        (fetches(trace), FETCHED_TWICE, "fetched"),
        (stores(trace), RECORD_STORED_TWICE, "stored"),
    ):
        again = next((one for one in calls if one.number > 1), None)
        if again is not None:
            twin = _twin(scenario, again.item, {one.item for one in calls})
            what = trace.name(again.item)
            other = "" if twin is None else ", and another, which is equal to it, never was"
            raise (mistake if twin is None else EQUAL_ITEMS_MERGED)(
                f"Item {what} was {verb} for the second time at {again.start:.3f} s{other}.",
                _ONCE,
                line=again.line,
                at=again.start,
                task=again.task,
                item=again.item,
            ).about(trace)
    fetched = {one.item: one for one in fetches(trace)}
    missing = [place for place in range(len(scenario.items)) if place not in fetched]
    if missing:
        raise _why_not_fetched(trace, scenario, missing).about(trace)
    stored = {one.item for one in stores(trace) if one.outcome == "ok"}
    lost = [place for place in fetched if place not in stored]
    if lost:
        raise _why_not_stored(trace, lost, fetched[lost[0]]).about(trace)


def _twin(scenario: Stages, place: int, called: set[int]) -> int | None:
    """The place of an item that is equal to this one, and is not among those called."""
    items = scenario.items
    twins = (n for n, item in enumerate(items) if n not in called and item == items[place])
    return next(twins, None)


def _why_not_fetched(trace: Trace, scenario: Stages, missing: Sequence[int]) -> Failure:
    place = missing[0]
    called = {one.item for one in fetches(trace)}
    for other in called:
        if (twin := _twin(scenario, other, called)) is not None and twin in missing:
            return EQUAL_ITEMS_MERGED(
                f"One of two items {_shown(scenario.items[twin])} was never fetched: it was taken for "
                "the other, which is equal.",
                "Two equal items are two items.",
                at=_taken_at(trace, twin),
                item=twin,
            )
    if not called and not trace.puts and trace.of("drained"):
        return READS_ALL_ITEMS_FIRST(
            f"All {len(trace.taken)} items were taken from `items`{lines([trace.taken[-1].line])}, and "
            "none was left to fetch: a generator can be gone through only once.",
            "Take an item, hand it on, take the next: `items` may be any iterable.",
            line=trace.taken[-1].line,
            at=trace.taken[-1].at,
            task=trace.taken[-1].task,
        )
    cause = misread(trace, scenario, missing) or _died(trace) or wrong_marks(trace)
    if cause is not None:
        return cause
    more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
    seen = f"Item {trace.name(place)}{more} had not been fetched when run_pipeline returned"
    taken = {event.data[0] for event in trace.taken}
    idle = all(one.outcome == "ok" for one in trace.tries)
    got = {step.item for step in trace.gets}
    queued = {step.item for step in trace.puts} - got
    if place in taken - queued and idle and (called or place in got):
        return DROPS_ITEMS(
            f"Item {trace.name(place)} was taken from `items` at {_taken_at(trace, place):.3f} s and "
            f"thrown away{more}: fetch() was never called for it.",
            _ONCE,
            at=_taken_at(trace, place),
            item=place,
        )
    return RETURNS_WITHOUT_WAITING(
        f"{seen}, at {trace.clock:.3f} s.", _ONCE, at=trace.clock, task=1
    )


def misread(trace: Trace, scenario: Stages, places: Sequence[int]) -> Failure | None:
    """The failure for one of these items that was taken for an end mark, or for nothing."""
    items = scenario.items
    falsy = next((n for n in places if not items[n] or items[n] == Odd("false")), None)
    if falsy is not None:
        return FALSY_ITEM_TAKEN_FOR_END(
            f"Item {_shown(items[falsy])} was never fetched: it was taken for the end, or for nothing.",
            "An item is whatever comes from `items`, also 0 or an empty string.",
            why=why(trace),
            at=_taken_at(trace, falsy),
            item=falsy,
        )
    mark = next((n for n in places if items[n] in _WORDS or items[n] == Odd("equal")), None)
    if mark is None:
        return None
    return END_MARK_BY_VALUE(
        f"Item {_shown(items[mark])} was never fetched: it was taken for an end mark.",
        "An item may be any object but None: only `is` tells a mark of yours from it.",
        why=why(trace),
        at=_taken_at(trace, mark),
        item=mark,
    )


def left_aside(trace: Trace) -> list[int]:
    """The items that somebody took out of a queue and then did not fetch, but ended or went on."""
    begun = {one.item for one in fetches(trace)}
    busy = {event.task: order for order, event in enumerate(trace.events) if event.kind != "print"}
    got = [step for step in trace.gets if step.item is not None and step.item not in begun]
    return [step.item for step in got if busy[step.task] > step.order and step.item is not None]


_WORDS = ("STOP", "END", "DONE", "done", "exit", -1)


def _shown(item: object) -> str:
    return f"{item!r:.60}"


def _taken_at(trace: Trace, place: int) -> float:
    """When an item was taken from the source; the end of the run for one that never was."""
    return next((event.at for event in trace.taken if event.data[0] == place), trace.clock)


def _why_not_stored(trace: Trace, lost: Sequence[int], fetch: Try) -> Failure:
    name = trace.name(lost[0])
    more = f" (and {len(lost) - 1} more not yet)" if len(lost) > 1 else ""
    if fetch.outcome != "ok":
        cut = cut_off(trace, fetch)
        if cut is not None:
            return cut
        return (
            _died(trace)
            or wrong_marks(trace)
            or RETURNS_WITHOUT_WAITING(
                f"Item {name} was still being fetched when run_pipeline returned at {trace.clock:.3f} s.",
                _ONCE,
                at=trace.clock,
                task=1,
            )
        )
    begun = next((one for one in stores(trace) if one.item == lost[0]), None)
    cause = wrong_marks(trace)
    if begun is not None:
        limit = cut_off(trace, begun) if begun.outcome == "cancelled" else None
        return (
            limit
            or cause
            or RECORD_LOST(
                f"The record of item {name} was still being stored{more} when run_pipeline returned at "
                f"{trace.clock:.3f} s.",
                _ONCE,
                line=begun.line,
                at=trace.clock,
                task=1,
                item=lost[0],
            )
        )
    return (
        storer_gone(trace)
        or _died(trace)
        or cause
        or _never_handed_on(trace, lost[0], fetch)
        or RECORD_LOST(
            f"Item {name} was fetched at {fetch.end:.3f} s, and its record was not stored{more} when "
            f"run_pipeline returned at {trace.clock:.3f} s.",
            _ONCE,
            at=trace.clock,
            task=1,
            item=lost[0],
        )
    )


def _never_handed_on(trace: Trace, item: int, fetch: Try) -> Failure | None:
    """The failure for a record that was put into no queue, or left to another task to put."""
    after = queues_between(trace)[1]
    puts = [e for e in trace.of("put_wait", "put") if e.data[0] in after]
    mine = [event for event in puts if event.data[-1] == item]
    others = [event for event in mine if event.task != fetch.task]
    seen = f"Item {trace.name(item)} was fetched at {fetch.end:.3f} s, and its record"
    if others:
        made = [event.line for event in trace.of("spawn") if event.data[0] == others[0].task]
        return RECORDS_WAIT_IN_TASKS(
            f"{seen} was to be put by a task of its own{lines(made)}: run_pipeline returned at "
            f"{trace.clock:.3f} s without it.",
            _ONCE,
            line=next(iter(made), None),
            at=trace.clock,
            task=others[0].task,
            item=item,
        )
    went_on = any(e.task == fetch.task for e in trace.events[(fetch.end_order or 0) + 1 :])
    if mine or not puts or not went_on:
        return None
    return RECORD_LOST(
        f"{seen} was put into no queue: {trace.label(fetch.task)} went on without it.",
        _ONCE,
        line=fetch.line,
        at=fetch.end,
        task=fetch.task,
        item=item,
    )


def storer_gone(trace: Trace) -> Failure | None:
    """The failure for a task that was to store and ended of its own accord, with records to come."""
    unstored = {one.item for one in fetches(trace)} - {one.item for one in stores(trace)}
    fetchers = {one.task for one in fetches(trace)}
    if not unstored:
        return None
    for event in trace.of("end"):
        if event.data[0] != "returned" or event.task in fetchers | {1}:
            continue
        ends = [e for e in trace.of("timer") if e.task == event.task and near(e.at, event.at)]
        counted = f"{len(unstored)} record{plural(len(unstored))}"
        stored = any(one.task == event.task for one in stores(trace))
        name = trace.label(event.task) if stored else "The task that waits for the records"
        if ends:
            return LIMIT_OF_TIME_ADDED(
                f"{name} ended at {event.at:.3f} s, when nothing had come for {ends[0].data[0]:.6g} s"
                f"{lines([ends[0].line])}: {counted} {'is' if len(unstored) == 1 else 'are'} not stored.",
                "There is no limit of time: the next record may take three hours to come.",
                why=why(trace),
                line=ends[0].line,
                at=event.at,
                task=event.task,
            )
        if event.task in _storers(trace):
            return STORER_ENDS_TOO_EARLY(
                f"{name}{', which stores the records,' * stored} ended at {event.at:.3f} s: {counted} "
                f"{'was' if len(unstored) == 1 else 'were'} never stored.",
                "The task that stores ends when all items are fetched and all records are stored.",
                why=why(trace),
                at=event.at,
                task=event.task,
            )
    return None


def _storers(trace: Trace) -> set[int]:
    """The tasks that store, or that take from where only records wait."""
    before, after = queues_between(trace)
    takers = {e.task for e in trace.of("get", "get_wait") if e.data[0] in after - before}
    return {one.task for one in stores(trace)} | takers


def plural(count: int) -> str:
    """The `s` of a noun, where there is more than one."""
    return "" if count == 1 else "s"


def why(trace: Trace) -> str:
    """The kind of a failure, by how the run ended."""
    return "deadlock" if trace.how == "deadlock" else "expectation"


def cut_off(trace: Trace, one: Try) -> Failure | None:
    """The failure for a call that was cut off when a timer of the learner's fired."""
    for timer in trace.of("timer"):
        if (
            one.end is not None
            and near(timer.at, one.end)
            and near(timer.data[0], one.end - one.start)
        ):
            called = trace.services[one.service]
            return LIMIT_OF_TIME_ADDED(
                f"{called}() of item {trace.name(one.item)} was cut off at {one.end:.3f} s, "
                f"{timer.data[0]:.6g} s after it had begun{lines([timer.line])}.",
                "There is no limit of time: a fetch or a store may take three hours.",
                line=timer.line,
                at=one.end,
                task=one.task,
                item=one.item,
            )
    return None


def _died(trace: Trace) -> Failure | None:
    """The failure for a task that died of an error of its own, which nobody noticed."""
    for event, error in trace.died():
        found = list(error["lines"])[-1:]
        return Failure(
            f"{trace.label(event.task)} died of {error['type']}: {error['text']:.80}{lines(found)} at "
            f"{event.at:.3f} s, and what it should have done was never done.",
            _ONCE,
            why="error",
            line=(found or [None])[0],
            at=event.at,
            task=event.task,
        )
    return None


def one_at_a_time(trace: Trace, _scenario: Stages) -> None:
    """Stores never overlap."""
    for one, following in pairwise(stores(trace)):
        if one.end is None or following.order < (one.end_order or 0):
            raise STORES_OVERLAP(
                f"At {following.start:.3f} s the record of item {trace.name(following.item)} was given "
                f"to store(), while that of item {trace.name(one.item)} was still being stored.",
                "store() takes one record at a time.",
                line=following.line,
                at=following.start,
                task=following.task,
                item=following.item,
            ).about(trace)


def each_on_its_own(trace: Trace, scenario: Stages) -> None:
    """Each of two runs at the same time keeps its bound, its pace and its end."""
    first = len(scenario.items) - scenario.beside
    calls = [event.data[0] for event in trace.of("spawn") if event.task == 0]
    for places, call in zip((range(first), range(first, len(scenario.items))), calls, strict=False):
        last = max(one.end or 0.0 for one in stores(trace) if one.item in places)
        end = trace.ending(call)
        if end is not None and not near(end.at, last):
            raise Failure(
                f"the run whose last record was stored at {last:.3f} s returned at {end.at:.3f} s.",
                at=end.at,
                task=call,
            )
        for moment in moments_of(trace, places):
            few = moment.fetching < scenario.consumers and moment.begun < len(places)
            if moment.under_way > allowed(scenario) or moment.fetching > scenario.consumers:
                seen = (
                    f"of one {moment.under_way} were under way, and {moment.fetching} being fetched"
                )
            elif few and moment.fetching + moment.waiting < scenario.ahead:
                seen = f"of one only {moment.fetching} were being fetched"
            elif moment.waiting and not moment.storing:
                seen = "of one a record waited and nothing was being stored"
            else:
                continue
            raise Failure(f"at {moment.at:.3f} s {seen}.", at=moment.at, task=moment.task)


def errors_in(error: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """An error, and all in its group, and in the groups in it."""
    yield error
    for inner in error.get("inner") or ():
        yield from errors_in(inner)
