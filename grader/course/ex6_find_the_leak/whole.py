"""Whether everything is fetched and stored, once, and what kept a run from coming to its end.

Each function raises a `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from grader.course.api import IMPOSSIBLE, Failure, Mistake, Odd, Subject, Trace, Try, lines
from grader.course.ex6_find_the_leak.mistakes import (
    END_MARK_BY_VALUE,
    FETCHED_TWICE,
    LIMIT_OF_TIME_ADDED,
    POLLS_BETWEEN_THE_STAGES,
    RECORD_LOST,
    RECORD_STORED_TWICE,
    STORER_ENDS_TOO_EARLY,
    STORER_STARTS_TOO_LATE,
    STORES_NO_RECORD,
    STORES_OVERLAP,
)
from grader.course.ex6_find_the_leak.stages import Runs, Stages, fetches, moments, near, stores
from grader.course.mistakes.bound import POLLS_FOR_ROOM
from grader.course.mistakes.crew import (
    CONSUMERS_NEVER_TOLD_TO_STOP,
    CONSUMERS_START_TOO_LATE,
    FALSY_ITEM_TAKEN_FOR_END,
    ONE_SENTINEL_FOR_ALL,
)
from grader.course.mistakes.items import DROPS_ITEMS, EQUAL_ITEMS_MERGED
from grader.course.mistakes.marks import (
    POLLS_INSTEAD_OF_JOIN,
    RETURNS_WITHOUT_WAITING,
    TASK_DONE_MISSING,
)

__all__ = ["each_once", "errors_in", "one_at_a_time", "played", "sought", "waiting_words"]

_ONCE = "Each item is fetched exactly once, and each record is stored exactly once."


async def played(
    learner: Subject,
    scenarios: Sequence[Stages],
    *,
    allow: tuple[str, ...] = (),
    process: int = 0,
) -> Runs:
    """Run the scenarios; a run that ends as nobody would wish is explained by its cause."""
    before = len(getattr(learner, "runs", ()))  # a rehearsal has none
    try:
        return await learner.run_all(scenarios, allow=allow, process=process)
    except Failure as failure:
        if len(learner.runs) == before or failure.mistake is IMPOSSIBLE:
            raise
        scenario, trace = learner.runs[-1]
        if not isinstance(scenario, Stages):
            raise
        cause = _why_ended(trace, scenario, failure)
        if cause is None:
            raise
        raise cause.about(trace) from None


# -- a run that came to its end -----------------------------------------------------------------


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
    items, place = scenario.items, missing[0]
    falsy = next((n for n in missing if not items[n] or items[n] == Odd("false")), None)
    if falsy is not None:
        return FALSY_ITEM_TAKEN_FOR_END(
            f"Item {_shown(items[falsy])} was never fetched: it was taken for the end, or for nothing.",
            "An item is whatever comes from `items`, also 0 or an empty string.",
            at=_taken_at(trace, falsy),
            item=falsy,
        )
    called = {one.item for one in fetches(trace)}
    for other in called:
        if (twin := _twin(scenario, other, called)) is not None:
            return EQUAL_ITEMS_MERGED(
                f"One of two items {_shown(items[twin])} was never fetched: it was taken for the "
                "other, which is equal.",
                "Two equal items are two items.",
                at=_taken_at(trace, twin),
                item=twin,
            )
    marks = [n for n in missing if items[n] in _WORDS or items[n] == Odd("equal")]
    if marks:
        return END_MARK_BY_VALUE(
            f"Item {_shown(items[marks[0]])} was never fetched: it was taken for an end mark.",
            "An item may be any object but None: only `is` tells a mark of yours from it.",
            at=_taken_at(trace, marks[0]),
            item=marks[0],
        )
    stop = _died(trace)
    if stop is not None:
        return stop
    more = f", and {len(missing) - 1} more," if len(missing) > 1 else ""
    seen = f"Item {trace.name(place)}{more} had not been fetched when run_pipeline returned"
    taken = {event.data[0] for event in trace.taken}
    idle = all(one.end is not None and one.outcome == "ok" for one in trace.tries)
    if place in taken and len(called) + len(missing) == len(items) and idle and called:
        return DROPS_ITEMS(
            f"Item {trace.name(place)}{more} was taken from `items` and thrown away: fetch() was never "
            "called for it.",
            _ONCE,
            at=_taken_at(trace, place),
            item=place,
        )
    return RETURNS_WITHOUT_WAITING(
        f"{seen}, at {trace.clock:.3f} s.", _ONCE, at=trace.clock, task=1
    )


_WORDS = ("STOP", "END", "DONE", "done", "exit", -1)


def _shown(item: object) -> str:
    return f"{item!r:.60}"


def _taken_at(trace: Trace, place: int) -> float:
    """When an item was taken from the source; the end of the run for one that never was."""
    return next((event.at for event in trace.taken if event.data[0] == place), trace.clock)


def _why_not_stored(trace: Trace, lost: Sequence[int], fetch: Try) -> Failure:
    name = trace.name(lost[0])
    more = f" (and of {len(lost) - 1} more)" if len(lost) > 1 else ""
    if fetch.outcome != "ok":
        cut = _limit(trace, fetch)
        if cut is not None:
            return cut
        return _died(trace) or RETURNS_WITHOUT_WAITING(
            f"Item {name} was still being fetched when run_pipeline returned at {trace.clock:.3f} s.",
            _ONCE,
            at=trace.clock,
            task=1,
        )
    begun = next((one for one in stores(trace) if one.item == lost[0]), None)
    if begun is not None:
        return (_limit(trace, begun) if begun.outcome == "cancelled" else None) or RECORD_LOST(
            f"The record of item {name} was still being stored when run_pipeline returned at "
            f"{trace.clock:.3f} s.",
            _ONCE,
            line=begun.line,
            at=trace.clock,
            task=1,
            item=lost[0],
        )
    ended = _storer_gone(trace)
    if ended is not None:
        return ended
    return _died(trace) or RECORD_LOST(
        f"Item {name} was fetched at {fetch.end:.3f} s, and its record{more} had not been stored when "
        f"run_pipeline returned at {trace.clock:.3f} s.",
        _ONCE,
        at=trace.clock,
        task=1,
        item=lost[0],
    )


def _storer_gone(trace: Trace) -> Failure | None:
    """The failure for a task that stored and then ended of its own accord, with records to come."""
    storers = {one.task for one in stores(trace)}
    fetchers = {one.task for one in fetches(trace)}
    last = max((one.end for one in fetches(trace) if one.end is not None), default=0.0)
    for event in trace.of("end"):
        alone = event.task in storers - fetchers - {1}
        if not alone or event.data[0] != "returned":
            continue
        left = [one for one in fetches(trace) if (one.end or last) > event.at]
        unstored = {one.item for one in fetches(trace)} - {one.item for one in stores(trace)}
        if not unstored:
            continue
        timer = next(
            (e for e in trace.of("timer") if e.task == event.task and near(e.at, event.at)), None
        )
        seen = f"{trace.label(event.task)}, which stores the records, ended at {event.at:.3f} s"
        if timer is not None:
            return LIMIT_OF_TIME_ADDED(
                f"{seen}, when nothing had come for {timer.data[0]:.6g} s{lines([timer.line])}. "
                f"{len(unstored)} records were never stored.",
                "There is no limit of time: the next record may take three hours to come.",
                why=_why(trace),
                line=timer.line,
                at=event.at,
                task=event.task,
            )
        return STORER_ENDS_TOO_EARLY(
            f"{seen}, while {len(left) or len(unstored)} record{_s(len(left) or len(unstored))} "
            f"{'was' if (len(left) or len(unstored)) == 1 else 'were'} still to come.",
            "The task that stores ends when all items are fetched and all records are stored.",
            why=_why(trace),
            at=event.at,
            task=event.task,
        )
    return None


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def _why(trace: Trace) -> str:
    return "deadlock" if trace.how == "deadlock" else "expectation"


def _limit(trace: Trace, one: Try) -> Failure | None:
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


# -- a run that did not -------------------------------------------------------------------------


def _why_ended(trace: Trace, scenario: Stages, failure: Failure) -> Failure | None:
    """The deeper cause of a bad end, where this exercise knows one."""
    if trace.how == "livelock":
        return _why_spinning(trace)
    if trace.how not in ("deadlock", "raised"):
        return None
    late = _limit_that_raised(trace)
    if late is not None:
        return late
    if failure.why == "error":
        return _no_record(trace)
    return _why_stuck(trace, scenario) if failure.why == "deadlock" else None


def _no_record(trace: Trace) -> Failure | None:
    """The failure for something that was handed to store() and is no record."""
    calls = trace.of("stranger")
    if not calls or not fetches(trace) or calls[0].line in {one.line for one in fetches(trace)}:
        return None
    call = calls[0]
    return STORES_NO_RECORD(
        f"At {call.at:.3f} s store() was called with something that fetch() had not returned, a value "
        f"of type {call.data[0]}{lines([call.line])}.",
        "store() takes the record: just what fetch() returned for the item.",
        why="error",
        line=call.line,
        at=call.at,
        task=call.task,
    )


def errors_in(error: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """An error, and all in its group, and in the groups in it."""
    yield error
    for inner in error.get("inner") or ():
        yield from errors_in(inner)


def _limit_that_raised(trace: Trace) -> Failure | None:
    """The failure for a `TimeoutError` that came of a timer of the learner's."""
    for event, error in trace.died():
        if not any(one["type"] == "TimeoutError" for one in errors_in(error)):
            continue
        timers = [timer for timer in trace.of("timer") if near(timer.at, event.at)]
        for one in trace.tries:
            if one.outcome == "cancelled" and (cut := _limit(trace, one)) is not None:
                cut.why = "error"
                return cut
        if timers:
            return LIMIT_OF_TIME_ADDED(
                f"{trace.label(timers[0].task)} gave up waiting at {timers[0].at:.3f} s, after "
                f"{timers[0].data[0]:.6g} s{lines([timers[0].line])}.",
                "There is no limit of time: each wait may take three hours.",
                why="error",
                line=timers[0].line,
                at=timers[0].at,
                task=timers[0].task,
            )
    return None


def sought(trace: Trace, task: int, at: float) -> tuple[Mistake, str]:
    """What a task looks for again and again at that time: the mistake, and words for it."""
    kinds = ("take", "drained", "put", "get", "begin", "finish")
    mine = [e for e in trace.events if e.task == task and e.kind in kinds and e.at <= at]
    last = mine[-1] if mine else None
    drained = any(event.kind == "drained" for event in mine)
    takes = any(event.kind == "take" for event in mine)
    if last is not None and last.kind == "finish" and trace.services[last.data[-1]] == "fetch":
        return POLLS_BETWEEN_THE_STAGES, "whether there is room for its record"
    if takes and not drained:
        return POLLS_FOR_ROOM, "whether there is room for an item"
    if task == 1 or drained:
        return POLLS_INSTEAD_OF_JOIN, "whether all is done"
    return POLLS_BETWEEN_THE_STAGES, "whether there is anything for it to do"


def _why_spinning(trace: Trace) -> Failure:
    line, task = trace.end.get("line"), trace.end.get("task")
    kinds = ("take", "put", "get", "begin", "finish", "done")
    at = max((event.at for event in trace.of(*kinds)), default=0.0)
    number = task if type(task) is int else 1
    mistake, what = sought(trace, number, at)
    return mistake(
        f"Busy polling{lines([line])}: from {at:.3f} s on {trace.label(number)} asks {what}, again and "
        "again, and nobody else gets a turn.",
        "Waiting is awaiting: a queue wakes whoever waits for it.",
        why="livelock",
        line=line,
        at=at,
        task=number,
    )


def waiting_words(trace: Trace) -> str:
    """Who waits where, for people: `run_pipeline in Queue.join (line 54); F1 in ...`."""
    places: dict[tuple[str, int | None], list[str]] = {}
    for wait in trace.waits:
        places.setdefault((wait.inside, wait.line), []).append(trace.label(wait.task))
    return "; ".join(
        f"{', '.join(names[:4])}{' and others' if len(names) > 4 else ''} in {inside}{lines([line])}"
        for (inside, line), names in places.items()
    )


def _why_stuck(trace: Trace, scenario: Stages) -> Failure | None:
    seen = f"run_pipeline never returns: at {trace.clock:.3f} s nothing can happen any more"
    waits = f"Waiting for ever: {waiting_words(trace)}."
    stuck = trace.of("put_wait")
    if stuck and not fetches(trace):
        return CONSUMERS_START_TOO_LATE(
            f"{seen}. The producer waits for room{lines([stuck[-1].line])}, and nobody fetches.",
            waits,
            why="deadlock",
            line=stuck[-1].line,
            at=trace.clock,
            task=stuck[-1].task,
        )
    last = moments(trace)[-1]
    if last.waiting and not stores(trace):
        return STORER_STARTS_TOO_LATE(
            f"{seen}. {last.waiting} record{_s(last.waiting)} wait{'s' if last.waiting == 1 else ''} "
            "for store(), and nobody has begun to store.",
            waits,
            why="deadlock",
            at=trace.clock,
            task=1,
        )
    if last.stored == len(scenario.items):
        return _why_no_end(trace, waits)
    return _storer_gone(trace)


def _why_no_end(trace: Trace, waits: str) -> Failure | None:
    seen = f"All records are stored at {trace.clock:.3f} s, but run_pipeline never returns"
    joins = [wait for wait in trace.waits if wait.inside.endswith("join")]
    if joins:
        got = len([step for step in trace.gets if step.item is not None])
        return TASK_DONE_MISSING(
            f"{seen}: task_done() was called {len(trace.dones)} times for {got} things that were taken "
            "out of the queues, and join() waits for the rest.",
            waits,
            why="deadlock",
            line=joins[0].line,
            at=trace.clock,
            task=joins[0].task,
        )
    getters = [wait for wait in trace.waits if wait.inside.endswith("get")]
    if not getters:
        return None
    fetchers = {one.task for one in fetches(trace)}
    ended = {event.task for event in trace.of("end")} & fetchers
    some = ended and any(wait.task in fetchers for wait in getters)
    return (ONE_SENTINEL_FOR_ALL if some else CONSUMERS_NEVER_TOLD_TO_STOP)(
        f"{seen}: {len(getters)} task{_s(len(getters))} still wait{'s' if len(getters) == 1 else ''} "
        "for something to come.",
        waits,
        why="deadlock",
        line=getters[0].line,
        at=trace.clock,
        task=getters[0].task,
    )
