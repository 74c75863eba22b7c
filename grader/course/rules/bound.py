"""Backpressure: the queue keeps its bound and fills up to it, and the producer waits by awaiting.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.course.kit.failures import Failure, Misconception, asked_of_trace, lines, span
from grader.course.kit.lesson import Pipeline
from grader.course.mistakes.bound import (
    BATCHES_WITH_A_BARRIER,
    BOUND_COUNTS_WORK_IN_PROGRESS,
    BOUND_TOO_LARGE,
    BOUND_TOO_SMALL,
    IGNORES_MAXSIZE,
    PUTS_RUN_IN_TASKS,
    READS_ALL_ITEMS_FIRST,
    UNBOUNDED_QUEUE,
)
from grader.course.mistakes.crew import CONSUMER_PREFETCHES
from grader.course.mistakes.loop import BLOCKS_THE_LOOP
from grader.course.mistakes.pauses import ARGUMENTS_SWAPPED
from grader.course.rules.shapes import (
    holds_two,
    in_batches,
    mistaken_nap,
    producers_naps,
    serialised,
    took_turns,
)
from grader.course.rules.states import State, carrier_of, states
from grader.trace import Event, Trace

__all__ = ["bound_holds", "keeps_awake_by_waiting", "queue_is_used"]


def bound_holds(runs: Sequence[tuple[Pipeline, Trace]]) -> None:
    """At most `maxsize` + 1 items are taken and not begun; checked for several values of `maxsize`."""
    peaks = [(scenario, trace, _peak(trace, scenario)) for scenario, trace in runs]
    for scenario, trace, peak in peaks:
        if peak.waiting > scenario.options["maxsize"] + 1:
            failure = _why_unbounded(scenario, trace, peak, peaks)
            raise failure.showing(at=peak.at).about(trace)


def _peak(trace: Trace, scenario: Pipeline) -> State:
    return max(states(trace, scenario), key=lambda state: state.waiting)


def _why_unbounded(
    scenario: Pipeline,
    trace: Trace,
    peak: State,
    peaks: Sequence[tuple[Pipeline, Trace, State]],
) -> Failure:
    maxsize = scenario.options["maxsize"]
    seen = f"With maxsize={maxsize} there were {peak.waiting} items waiting at {peak.at:.3f} s"
    asks = f"At most {maxsize + 1}: {maxsize} in the queue, and one in the producer's hand."
    waits = trace.of("put_wait")
    line = trace.taken[-1].line
    if len({event.task for event in waits}) > 1:
        return PUTS_RUN_IN_TASKS(
            f"{seen}: every put runs in a task of its own (line {waits[-1].line}), so the producer "
            "never waits. The tasks are the unbounded buffer now.",
            asks,
            line=waits[-1].line,
        )
    first_put = trace.puts[0].order if trace.puts else len(trace.events)
    early = [e for e in trace.events[:first_put] if e.kind == "take"]
    if not trace.puts:  # not an `asyncio.Queue`: is everything read before work begins?
        begun = trace.tries[0].order if trace.tries else len(trace.events)
        early = [e for e in trace.events[:begun] if e.kind == "take"]
    if len(early) > (maxsize + 1 if trace.puts else len(scenario.jobs) - 1):
        return READS_ALL_ITEMS_FIRST(
            f"{len(early)} items were taken (line {early[0].line}) before the first was put: "
            "with a large source that list is the unbounded buffer.",
            "Take an item, put it, take the next: `items` may be endless.",
            line=early[0].line,
        )
    if serialised(trace, scenario):
        return took_turns(trace, seen)
    swapped = all(
        state.waiting == one.options["consumers"] + 1 and state.at_work <= one.options["maxsize"]
        for one, _, state in peaks
    )
    if swapped:
        return ARGUMENTS_SWAPPED(
            f"{seen}, with consumers={scenario.options['consumers']}: that many fit into the queue, and "
            "maxsize says how many work.",
            asks,
        )
    two = holds_two(trace, scenario)
    if two is not None:
        return CONSUMER_PREFETCHES(
            f"{seen}: {trace.label(two[0].task)} had taken its next at {two[0].at:.3f} s, before "
            f"item {trace.name(two[1])} was finished{lines([two[0].line])}.",
            asks + " A consumer takes the next item when it has finished the last.",
            line=two[0].line,
            at=two[0].at,
            task=two[0].task,
        )
    small = [
        one.options["maxsize"] for one, _, state in peaks if state.waiting == one.options["maxsize"]
    ]
    if maxsize == 1 and len(small) == len(peaks) - 1 > 0:
        return BOUND_TOO_SMALL(
            f"{seen}, and with maxsize={small[0]} only {small[0]}: the bound is one smaller than "
            "maxsize, and a queue of size 0 has no bound at all.",
            f"With maxsize={small[0]} there may be {small[0] + 1}: {small[0]} in the queue, and one "
            "in the producer's hand.",
            line=next((e.line for e in trace.of("queue") if e.data[0] == carrier_of(trace)), line),
        )
    made = _made_with_another(trace, maxsize)
    sizes = {other.options["maxsize"] for other, _, _ in peaks}
    waiting = {other_peak.waiting for _, _, other_peak in peaks}
    everything = all(
        state.waiting >= len(one.jobs) - one.options["consumers"] for one, _, state in peaks
    )
    if everything:
        return UNBOUNDED_QUEUE(
            f"{seen}, of {len(scenario.jobs)} in all: nothing held the producer back.",
            asks,
            line=None,
        )
    if len(sizes) > 1 and len(waiting) == 1:
        return IGNORES_MAXSIZE(
            f"{seen}, and just as many with every other maxsize.",
            asks + " The bound comes from the parameter.",
            line=_line(made),
        )
    return BOUND_TOO_LARGE(f"{seen}{_words(made)}.", asks, line=_line(made) or line)


def _made_with_another(trace: Trace, maxsize: int) -> Event | None:
    """The creation of the queue that carries the items, if its bound is not the one asked for."""
    carrier = carrier_of(trace)
    made = next((event for event in trace.of("queue") if event.data[0] == carrier), None)
    return made if made is not None and made.data[1] not in (0, maxsize) else None


def _words(made: Event | None) -> str:
    return "" if made is None else f": the queue was made to hold {made.data[1]}"


def _line(made: Event | None) -> int | None:
    return None if made is None else made.line


def queue_is_used(runs: Sequence[tuple[Pipeline, Trace]]) -> None:
    """While all consumers are busy and items are left, `maxsize` items wait in the queue."""
    barrier = any(in_batches(trace, one) for one, trace in runs)
    for scenario, trace in runs:
        failure = _not_filled(trace, scenario, in_some_batches=barrier)
        depths = {max((s.depth or 0 for s in states(t, one)), default=0) for one, t in runs}
        if failure is not None and len(runs) > 1 and len(depths) == 1 and depths != {0}:
            depth = depths.pop()
            raise IGNORES_MAXSIZE(
                f"The queue never held more than {depth} item{'s' if depth > 1 else ''}, "
                f"whatever maxsize says. {failure.message}",
                failure.asks,
                at=failure.at,
            ).about(trace)
        if failure is not None:
            raise failure.about(trace)


def _not_filled(trace: Trace, scenario: Pipeline, *, in_some_batches: bool) -> Failure | None:
    maxsize, consumers = scenario.options["maxsize"], scenario.options["consumers"]
    for state in states(trace, scenario):
        if state.at_work < consumers or state.taken >= len(scenario.jobs):
            continue
        queued = state.waiting if state.depth is None else state.depth
        if queued < maxsize:
            if in_some_batches:
                return _in_batches(state, queued, maxsize)
            return _why_not_filled(trace, scenario, state, queued).showing(at=state.at)
    return None


def _in_batches(state: State, queued: int, maxsize: int) -> Misconception:
    return BATCHES_WITH_A_BARRIER(
        f"At {state.at:.3f} s all consumers were busy, and only {queued} item"
        f"{'' if queued == 1 else 's'} waited, with maxsize={maxsize}: nothing new was taken before "
        "all that had been taken was finished.",
        "The producer goes on as soon as there is room, whatever is still being worked on.",
        at=state.at,
    )


def _why_not_filled(trace: Trace, scenario: Pipeline, state: State, queued: int) -> Failure:
    maxsize = scenario.options["maxsize"]
    seen = (
        f"At {state.at:.3f} s all consumers were busy and items were left, but only {queued} "
        f"waited in the queue, with maxsize={maxsize}"
    )
    asks = f"The queue fills up to maxsize: {maxsize} items wait, and then the producer does."
    naps = producers_naps(trace)
    if naps:
        return mistaken_nap(trace, naps[0])(
            f"{seen}: the producer was asleep (line {naps[0].line}) instead of waiting for room.",
            "`await q.put(item)` wakes the producer at the moment when there is room.",
            line=naps[0].line,
        )
    made = _made_with_another(trace, maxsize)
    # While items are left, items in progress and waiting ones together make up the bound.
    open_ = [s.taken - s.settled for s in states(trace, scenario) if s.taken < len(scenario.jobs)]
    most = max(open_)
    if made is None and most <= maxsize + 1 and min(open_) >= maxsize:
        return BOUND_COUNTS_WORK_IN_PROGRESS(
            f"{seen}: with the {state.at_work} that were worked on there were never more than "
            f"{most}.",
            asks + " An item that is worked on takes up no place in the queue.",
        )
    return BOUND_TOO_SMALL(f"{seen}{_words(made)}.", asks, line=_line(made))


@asked_of_trace
def keeps_awake_by_waiting(trace: Trace) -> None:
    """The producer waits by awaiting: it neither sleeps nor blocks the loop."""
    if trace.blocked:
        stop = trace.blocked[0]
        raise BLOCKS_THE_LOOP(
            f"time.sleep() at line {stop.line} stopped the whole event loop for "
            f"{span(stop.seconds)}, at {stop.at:.3f} s.",
            "The producer waits by awaiting, so that the consumers can go on.",
            line=stop.line,
            at=stop.at,
        )
    naps = producers_naps(trace)
    if naps:
        nap = naps[0]
        raise mistaken_nap(trace, nap)(
            f"The producer slept for {span(nap.data[0])} until {nap.at:.3f} s (line {nap.line}), "
            f"{len(naps)} time{'s' if len(naps) > 1 else ''} in all.",
            "`await q.put(item)` is all the waiting that it needs: it wakes when there is room.",
            line=nap.line,
        )
