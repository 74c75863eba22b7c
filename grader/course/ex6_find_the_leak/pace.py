"""Whether nothing is slowed, nothing polls, and the end comes promptly; and if not, why."""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import Any

from grader.course.api import SAME_TIME, Failure, Trace, apart, lines, span
from grader.course.ex6_find_the_leak.leaks import fixed_bound, same_fetches, too_many_fetches
from grader.course.ex6_find_the_leak.mistakes import (
    FETCHES_ONE_AT_A_TIME,
    FETCHES_TOO_FEW_AT_ONCE,
    FETCHES_WAIT_FOR_THE_BATCH,
    LIMIT_OF_TIME_ADDED,
    SLEEPS_BESIDE_THE_WORK,
    STORE_HOLDS_UP_FETCHING,
    STORE_LEFT_IDLE,
    STORER_STARTS_TOO_LATE,
    STORES_IN_BATCHES,
    STORES_IN_ORDER,
    TOO_FEW_RECORDS_WAIT,
)
from grader.course.ex6_find_the_leak.stages import (
    Moment,
    Runs,
    Stages,
    fetches,
    first_of,
    moments,
    near,
    stores,
)
from grader.course.ex6_find_the_leak.stuck import sought
from grader.course.mistakes.bound import IGNORES_MAXSIZE, PRODUCER_SLEEPS
from grader.course.mistakes.crew import IGNORES_CONSUMERS, TASKS_LEFT_BEHIND
from grader.course.mistakes.loop import BLOCKS_THE_LOOP
from grader.course.mistakes.marks import SLEEPS_BEFORE_RETURN
from grader.trace import Event

__all__ = ["fetching_goes_on", "returned_promptly", "store_never_idle", "waits_by_awaiting"]


# -- fetching -----------------------------------------------------------------------------------


def fetching_goes_on(runs: Runs) -> None:
    """While items are left, `consumers` fetches run, or as much is fetched as may be asked for."""
    for scenario, trace in runs:
        count = len(scenario.items)
        for moment in moments(trace):
            if moment.fetching > scenario.consumers:
                raise too_many_fetches(runs, scenario, trace).about(trace)
            few = moment.fetching < scenario.consumers and moment.begun < count
            if few and moment.fetching + moment.waiting < scenario.ahead:
                raise _why_too_few(runs, scenario, trace, moment).about(trace)


def _joining(trace: Trace, tasks: set[int], at: float) -> Event | None:
    """The entry into join() of one of these tasks that had not come back by then; None if all had."""
    inside: dict[int, Event] = {}
    for event in trace.events:
        if event.at > at:
            break
        if event.kind == "join":
            inside[event.task] = event
        elif event.kind == "joined":
            inside.pop(event.task, None)
    return next((event for task, event in inside.items() if task in tasks), None)


def _why_too_few(runs: Runs, scenario: Stages, trace: Trace, moment: Moment) -> Failure:
    running = (
        f"{moment.fetching} {'item was' if moment.fetching == 1 else 'items were'} being fetched"
    )
    ready = f"{moment.waiting} record{'' if moment.waiting == 1 else 's'} waited for store()"
    seen = (
        f"At {moment.at:.3f} s {running} and {ready}, with consumers={scenario.consumers}, "
        f"maxsize={scenario.maxsize} and items left"
    )
    wished = "1 fetch" if scenario.consumers == 1 else f"{scenario.consumers} fetches at once"
    asks = (
        f"{wished}; or, where fewer run, at least {scenario.ahead} item"
        f"{'' if scenario.ahead == 1 else 's'} that are being fetched or wait for their store to begin."
    )
    where: dict[str, Any] = {"line": moment.line, "at": moment.at, "task": moment.task}
    takers, fetchers = {e.task for e in trace.taken}, {one.task for one in fetches(trace)}
    join = _joining(trace, takers | fetchers, moment.at)
    if join is not None:
        seen += f"; {trace.label(join.task)} waited in join(){lines([join.line])}"
        where.update(line=join.line, task=join.task)
    nap = _asleep(trace, takers | fetchers, moment.at)
    if nap is not None:
        mistake = PRODUCER_SLEEPS if nap.task not in fetchers else SLEEPS_BESIDE_THE_WORK
        return mistake(
            f"{seen}: {trace.label(nap.task)} slept for {span(nap.data[0])}{lines([nap.line])}.",
            asks,
            line=nap.line,
            at=moment.at,
            task=nap.task,
        )
    if moment.storing and _held_by_the_store(trace, scenario, moment):
        return STORE_HOLDS_UP_FETCHING(
            f"{seen}: whoever had fetched waited for the end of the store that ran.", asks, **where
        )
    peak = max(one.fetching for _scenario, run in runs for one in moments(run))
    if peak == 1 < max(one.consumers for one, _trace in runs):
        return FETCHES_ONE_AT_A_TIME(
            f"{seen}. Never more than one was fetched at once.", asks, **where
        )
    if same_fetches(runs):
        return IGNORES_CONSUMERS(
            f"{seen}. It was never more than {peak}, whatever consumers said.", asks, **where
        )
    if any(_in_batches(run) for one, run in runs if one.consumers > 1):
        return FETCHES_WAIT_FOR_THE_BATCH(
            f"{seen}: no further fetch was begun before all that ran had ended.", asks, **where
        )
    fixed = fixed_bound(runs, trace, before=False)
    if moment.waiting and fixed is not None and fixed[0] < scenario.maxsize:
        return IGNORES_MAXSIZE(
            f"{seen}. The queue that records wait in was made to hold {fixed[0]}, with every other "
            "maxsize, too.",
            asks,
            line=fixed[1],
            at=moment.at,
            task=moment.task,
        )
    slow = moment.waiting and moment.storing
    return (TOO_FEW_RECORDS_WAIT if slow else FETCHES_TOO_FEW_AT_ONCE)(f"{seen}.", asks, **where)


def _held_by_the_store(trace: Trace, scenario: Stages, moment: Moment) -> bool:
    """Whether whoever has fetched waits for a store, or makes one, instead of fetching."""
    if max(one.begun - one.stored for one in moments(trace)) <= scenario.consumers:
        return True
    running = [one for one in stores(trace) if one.start <= moment.at < (one.end or trace.clock)]
    return any(sum(f.task == one.task for f in fetches(trace)) > 1 for one in running)


def _asleep(trace: Trace, tasks: set[int], at: float) -> Event | None:
    """A sleep of one of these tasks that went on at that moment."""
    naps = (event for event in trace.of("timer") if event.task in tasks)
    return next((e for e in naps if e.at - e.data[0] <= at + SAME_TIME and e.at > at), None)


def _in_batches(trace: Trace) -> bool:
    """Whether items are fetched in groups, of which each begins when the one before has ended."""
    calls = fetches(trace)
    groups = [[*group] for _at, group in groupby(calls, key=lambda one: round(one.start, 6))]
    for before, after in pairwise(groups):
        if any((one.end or trace.clock) > after[0].start + SAME_TIME for one in before):
            return False
    return 1 < len(groups) < len(calls)


# -- storing ------------------------------------------------------------------------------------


def store_never_idle(runs: Runs) -> None:
    """A record never waits while store() is idle."""
    for _scenario, trace in runs:
        moment = first_of(trace, lambda one: one.waiting > 0 and not one.storing)
        if moment is not None:
            raise _why_idle(runs, trace, moment).about(trace)


def _why_idle(runs: Runs, trace: Trace, moment: Moment) -> Failure:
    ready = f"{moment.waiting} record{' was' if moment.waiting == 1 else 's were'}"
    calls = stores(trace)
    following = next((one for one in calls if one.start > moment.at), None)
    seen = f"At {moment.at:.3f} s {ready} fetched and waited, and nothing was being stored"
    if following is not None:
        seen += f": the next store began at {following.start:.3f} s"
    asks = "store() is never idle while a record waits."
    task = following.task if following is not None else None
    where: dict[str, Any] = {
        "line": following.line if following is not None else None,
        "at": moment.at,
        "task": task,
    }
    fetched = max((one.end or 0.0) for one in fetches(trace))
    if calls and calls[0].start >= fetched - SAME_TIME:
        return STORER_STARTS_TOO_LATE(f"{seen}, when everything had been fetched.", asks, **where)
    nap = _asleep(trace, {one.task for one in calls}, moment.at)
    if nap is not None:
        return SLEEPS_BESIDE_THE_WORK(
            f"{seen}: {trace.label(nap.task)} slept for {span(nap.data[0])}{lines([nap.line])}.",
            asks,
            line=nap.line,
            at=moment.at,
            task=nap.task,
        )
    idle = [one for one in moments(trace) if one.waiting and not one.storing]
    in_order = all(one.item < other.item for one, other in pairwise(calls))
    if in_order and all(_waits_for_the_next(trace, one.at) for one in idle):
        return STORES_IN_ORDER(
            f"{seen}, when an earlier item had been fetched: records are stored in the order of "
            "their items.",
            asks + " Any order will do.",
            **where,
        )
    if _fills_up(runs):
        return STORES_IN_BATCHES(f"{seen}, when more had come.", asks, **where)
    return STORE_LEFT_IDLE(f"{seen}.", asks, **where)


def _waits_for_the_next(trace: Trace, at: float) -> bool:
    """Whether the first item, in their order, that is not stored yet is not fetched yet, either."""
    begun = {one.item for one in stores(trace) if one.start <= at + SAME_TIME}
    fetched = {
        one.item for one in fetches(trace) if one.end is not None and one.end <= at + SAME_TIME
    }
    waiting = [item for item in range(len(trace.items)) if item not in begun]
    return bool(waiting) and waiting[0] not in fetched


def _fills_up(runs: Runs) -> bool:
    """Whether a store that could begin never does before there is a certain number of records."""
    fewer: list[int] = []  # records that waited while nothing was stored
    enough: list[int] = []  # records that waited when a store began after that
    for _scenario, trace in runs:
        for before, after in pairwise(moments(trace)):
            if before.waiting and not before.storing:
                fewer.append(before.waiting)
                if after.storing:
                    enough.append(after.waiting + 1)
    last = sum(len(trace.items) % 2 for _scenario, trace in runs)  # of odd ones one is left over
    wanted = sorted(enough)[min(last, len(enough) - 1)] if enough else 0
    return wanted > max(fewer, default=0) and len(enough) > last + 1


# -- waiting ------------------------------------------------------------------------------------


def waits_by_awaiting(trace: Trace, _scenario: Stages) -> None:
    """Nobody asks again and again, nobody stops the event loop, nothing is cut off."""
    for stop in trace.blocked:
        raise BLOCKS_THE_LOOP(
            f"time.sleep() at line {stop.line} stopped the whole event loop for "
            f"{span(stop.seconds)}, at {stop.at:.3f} s.",
            "Waiting is awaiting: while one task waits, the others go on.",
            line=stop.line,
            at=stop.at,
            task=stop.task,
        ).about(trace)
    kinds = ("take", "put", "get", "begin", "finish", "done", "joined")
    ours = {1} | {event.task for event in trace.of(*kinds, "get_wait", "put_wait", "join")}
    last: dict[int, Event] = {}  # the last timer of each task that has done nothing since
    for event in trace.events:
        if event.kind in kinds:
            last.pop(event.task, None)
        elif event.kind == "timer" and event.task in ours and event.data[0] > SAME_TIME:
            before = last.get(event.task)
            if before is not None and before.line == event.line:
                raise _why_it_looks(trace, before, event).about(trace)
            last[event.task] = event


def _why_it_looks(trace: Trace, before: Event, event: Event) -> Failure:
    began = before.at - before.data[0]
    mistake, what = sought(trace, event.task, began + SAME_TIME)
    return mistake(
        f"{trace.label(event.task)} looked at {before.at:.3f} s and again at {event.at:.3f} s "
        f"{what}{lines([event.line])}.",
        "Waiting is awaiting: whoever waits is woken at the moment when it can go on.",
        line=event.line,
        at=event.at,
        task=event.task,
    )


# -- the end ------------------------------------------------------------------------------------


def returned_promptly(trace: Trace, _scenario: Stages) -> None:
    """`run_pipeline` returns when the last record is stored, and leaves no task behind."""
    ended = max((one.end for one in stores(trace) if one.end is not None), default=0.0)
    if trace.clock - ended > SAME_TIME:
        raise _why_late(trace, ended).about(trace)
    if trace.left:
        names = [trace.label(wait.task) for wait in trace.left]
        more = f" and {len(names) - 4} more" if len(names) > 4 else ""
        raise TASKS_LEFT_BEHIND(
            f"run_pipeline returned at {trace.clock:.3f} s, and left tasks behind that still wait: "
            f"{', '.join(names[:4])}{more}{lines([trace.left[0].line])}.",
            "Every task that it started is done or cancelled when it returns.",
            line=trace.left[0].line,
            at=trace.clock,
            task=trace.left[0].task,
        ).about(trace)


def _why_late(trace: Trace, ended: float) -> Failure:
    last, returned = apart(ended, trace.clock)
    seen = f"The last record was stored at {last}, but run_pipeline returned only at {returned}"
    asks = "It returns as soon as the last record is stored."
    late = [event for event in trace.of("timer") if event.at > ended + SAME_TIME]
    if not late:
        return Failure(f"{seen}.", asks, at=ended, task=1)
    nap = late[-1]
    began, takes = nap.at - nap.data[0], [event.at for event in trace.taken]
    mistake, how = SLEEPS_BEFORE_RETURN, f"slept for {span(nap.data[0])}"
    if _waited_from(trace, nap.task, began):
        mistake, how = LIMIT_OF_TIME_ADDED, f"gave up waiting after {span(nap.data[0])}"
    elif nap.task in {event.task for event in trace.taken} and any(
        event.line == nap.line and event.at < max(takes) for event in trace.of("timer")
    ):
        mistake = PRODUCER_SLEEPS
    elif nap.task != 1 and nap.task in {one.task for one in trace.tries}:
        mistake = SLEEPS_BESIDE_THE_WORK
    return mistake(
        f"{seen}: {trace.label(nap.task)} {how}{lines([nap.line])}.",
        asks,
        line=nap.line,
        at=ended,
        task=nap.task,
    )


def _waited_from(trace: Trace, task: int, began: float) -> bool:
    """Whether a task, or one that it had made for it just then, began to wait for something then."""
    made = {e.data[0] for e in trace.of("spawn") if e.task == task and near(e.at, began)}
    waits = trace.of("get_wait", "put_wait", "join")
    return any(e.task in made | {task} and near(e.at, began) for e in waits)
