"""How consumers share the work: all are busy while there is work, each with one item.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from grader.course.kit.failures import Failure, asked_of_trace, lines, span
from grader.course.kit.lesson import Consume, Pipeline
from grader.course.mistakes.bound import BATCHES_WITH_A_BARRIER
from grader.course.mistakes.crew import (
    CONSUMER_ENDS_ON_EMPTY_QUEUE,
    CONSUMER_PREFETCHES,
    IGNORES_CONSUMERS,
    POLLS_FOR_ITEMS,
    WAITS_FOR_THE_OTHERS,
    WORK_RUNS_BESIDE_THE_CONSUMER,
    WORK_SERIALISED,
    WORK_SLOTS_LIMITED,
)
from grader.course.mistakes.pauses import (
    SLEEPS_AFTER_LAST_FAILURE,
    SLEEPS_AFTER_SUCCESS,
    SLEEPS_BEFORE_FIRST_TRY,
)
from grader.course.rules.order import none_put_back
from grader.course.rules.shapes import (
    holds_two,
    in_batches,
    mistaken_nap,
    producers_naps,
    serialised,
    settled_items,
    took_turns,
)
from grader.course.rules.states import State, states
from grader.course.rules.tries import never_cut_off
from grader.trace import SAME_TIME, Event, Trace, Try

__all__ = [
    "begins_at_once",
    "consumers_are_busy",
    "crews_are_busy",
    "keeps_its_item",
]

# -- in a pipeline ----------------------------------------------------------------------------


def crews_are_busy(runs: Sequence[tuple[Pipeline, Trace]]) -> None:
    """`consumers_are_busy` for several runs, and the number at work follows the parameter."""
    peaks = [max(state.at_work for state in states(trace, one)) for one, trace in runs]
    asked = [one.options["consumers"] for one, _ in runs]
    turns = any(serialised(trace, one) for one, trace in runs)
    everything = all(peak == len(one.jobs) for peak, (one, _) in zip(peaks, runs, strict=True))
    for scenario, trace in runs:
        _no_join_between_puts(trace, scenario)
    asleep = any(_naps_of_workers(trace) for _, trace in runs)  # between looks at the queue
    if len(set(peaks)) == 1 < len(set(asked)) and not (turns or everything or asleep):
        wrong = next(place for place, wished in enumerate(asked) if wished != peaks[0])
        raise IGNORES_CONSUMERS(
            f"With consumers={asked[wrong]}, {peaks[0]} item{'s were' if peaks[0] > 1 else ' was'} "
            "worked on at once, and just as many with every other number of consumers.",
            "As many items are worked on at once as the parameter says.",
        ).about(runs[wrong][1])
    batches = any(in_batches(trace, one) for one, trace in runs)
    for scenario, trace in runs:
        consumers_are_busy(trace, scenario, batches=batches)


@asked_of_trace
def _no_join_between_puts(trace: Trace, scenario: Pipeline) -> None:
    """The task that takes the items does not await join() after each item."""
    if not trace.taken:
        return
    producer, last = trace.taken[0].task, trace.taken[-1].at
    joins = [e for e in trace.of("join") if e.task == producer and e.at < last and e.data[1]]
    if len(joins) > 1 and scenario.options["consumers"] > 1:
        raise BATCHES_WITH_A_BARRIER(
            f"{len(joins)} times join() was awaited{lines([joins[0].line])} before the next item was "
            "taken: so few are worked on at once.",
            "join() is awaited once, when all items have been put.",
            line=joins[0].line,
        )


@asked_of_trace
def consumers_are_busy(trace: Trace, scenario: Pipeline, *, batches: bool = False) -> None:
    """`consumers` items are worked on at once while there are items.

    batches: another run has shown that items are worked on in batches.
    """
    consumers, total = scenario.options["consumers"], len(scenario.jobs)
    found = states(trace, scenario)
    for state in found if trace.how == "deadlock" else found[:-1]:
        wished = min(consumers, total - state.settled)
        if state.at_work < wished:
            failure = _why_idle(trace, scenario, found, state, wished, batches=batches)
            raise failure.showing(at=state.at)
        if state.at_work > consumers:
            raise WORK_RUNS_BESIDE_THE_CONSUMER(
                f"At {state.at:.3f} s {state.at_work} items were worked on at once, "
                f"with consumers={consumers}.",
                "Each consumer works on one item at a time.",
                at=state.at,
            )


def _why_idle(
    trace: Trace,
    scenario: Pipeline,
    found: Sequence[State],
    state: State,
    wished: int,
    *,
    batches: bool,
) -> Failure:
    consumers = scenario.options["consumers"]
    most = max(one.at_work for one in found)
    if serialised(trace, scenario):
        return took_turns(trace, f"At {state.at:.3f} s only {state.at_work} was worked on")
    seen = (
        f"At {state.at:.3f} s {state.at_work} item{'s were' if state.at_work != 1 else ' was'} "
        f"worked on, while {wished} could have been"
    )
    asks = f"With consumers={consumers}, {consumers} items are worked on at once while there are items."
    home = _gone_home(trace, state.at)
    if home is not None:
        return CONSUMER_ENDS_ON_EMPTY_QUEUE(
            f"{seen}: a consumer had ended at {home.at:.3f} s, when it found the queue empty.",
            asks + " An empty queue may fill again.",
            at=home.at,
        )
    if batches or in_batches(trace, scenario):
        return BATCHES_WITH_A_BARRIER(
            f"{seen}: nothing new was begun before all that had been taken was finished.",
            asks,
        )
    polls = _naps_of_workers(trace)
    if most < consumers and not polls:
        return IGNORES_CONSUMERS(f"{seen}; it was never more than {most}.", asks)
    naps = producers_naps(trace)
    if naps:
        return mistaken_nap(trace, naps[0])(
            f"{seen}: the producer slept for {span(naps[0].data[0])} (line {naps[0].line}).",
            asks,
            line=naps[0].line,
        )
    if polls and any(
        one.end is not None and abs(polls[0].at - polls[0].data[0] - one.end) < SAME_TIME
        for one in trace.tries
        if one.task == polls[0].task and one.outcome == "ok"
    ):
        return SLEEPS_AFTER_SUCCESS(
            f"{seen}: {trace.label(polls[0].task)} slept for {span(polls[0].data[0])} after an item "
            f"(line {polls[0].line}).",
            asks + " A consumer that is free takes the next item at once.",
            line=polls[0].line,
            task=polls[0].task,
        )
    if polls:
        return POLLS_FOR_ITEMS(
            f"{seen}: a consumer slept for {span(polls[0].data[0])} (line {polls[0].line}) "
            "instead of waiting for an item.",
            asks + " `await q.get()` wakes a consumer at once.",
            line=polls[0].line,
        )
    if (held := _held_up(trace, state.at)) is not None:
        done, other = held
        return WAITS_FOR_THE_OTHERS(
            f"{seen}: {trace.label(done.task)} was finished with item {trace.name(done.item)}, and went "
            f"on only when item {trace.name(other.item)} was finished at {other.end:.3f} s.",
            asks + " A consumer that is free takes the next item at once.",
            at=other.end,
            task=done.task,
        )
    return Failure(f"{seen}.", asks)


def _naps_of_workers(trace: Trace) -> list[Event]:
    """The workers' sleeps, except waits before a retry."""
    workers = {one.task for one in trace.tries}
    retries = {(one.task, one.start) for one in trace.tries if one.number > 1}
    naps = (event for event in trace.of("timer") if event.task in workers)
    return [event for event in naps if (event.task, event.at) not in retries]


def _held_up(trace: Trace, at: float) -> tuple[Try, Try] | None:
    """A try finished by `at`, and the other consumer's try whose end its consumer then waited for."""
    for done in trace.tries:
        if done.outcome != "ok" or done.end is None or done.end > at + SAME_TIME:
            continue
        resumed = _resumed(trace, done)
        others = (one for one in trace.tries if one.task != done.task and one.end is not None)
        ended = (one for one in others if abs((one.end or 0.0) - resumed) <= SAME_TIME)
        if resumed - done.end > SAME_TIME and (other := next(ended, None)) is not None:
            return done, other
    return None


def _resumed(trace: Trace, done: Try) -> float:
    """When the consumer of this try next did something other than printing."""
    rest = trace.events[(done.end_order or 0) + 1 :]
    return next((e.at for e in rest if e.task == done.task and e.kind != "print"), done.end or 0.0)


def _gone_home(trace: Trace, at: float) -> Event | None:
    """The end event of a consumer that returned by `at`, while items were left."""
    takers, getters = {e.task for e in trace.taken}, {step.task for step in trace.gets}
    busy = {event.task for event in trace.events if event.kind not in ("spawn", "end")}
    for event in trace.of("end"):
        idle = event.task in getters or event.task not in busy
        if event.data[0] == "returned" and event.at <= at and idle and event.task not in takers:
            return event
    return None


# -- with consumers alone ---------------------------------------------------------------------


@asked_of_trace
def begins_at_once(trace: Trace, scenario: Consume) -> None:
    """A waiting item is begun as soon as a consumer is free, in the order of the queue."""
    free = dict.fromkeys(trace.crew, 0.0)
    settles = {one.item: one.end for one in trace.tries if one.end is not None}  # by its last try
    for one in trace.tries:
        if one.number > 1:
            continue
        wished = max(scenario.jobs[one.item].at, min(free.values(), default=0.0))
        if one.start - wished > SAME_TIME:
            raise _late_start(trace, scenario, one, wished).showing(at=wished, task=one.task)
        owner = min(free, key=lambda task: free[task])
        free[owner] = settles.get(one.item, one.start)


def _most_at_once(trace: Trace) -> int:
    """The most tries that ran at the same time."""
    begins = [(one.order, 1) for one in trace.tries]
    ends = [(one.end_order, -1) for one in trace.tries if one.end_order is not None]
    return max(accumulate(step for _, step in sorted([*begins, *ends])), default=0)


def _late_start(trace: Trace, scenario: Consume, one: Try, wished: float) -> Failure:
    naps = [e for e in trace.of("timer") if wished - SAME_TIME < e.at <= one.start + SAME_TIME]
    seen = (
        f"Item {trace.name(one.item)} could have been begun at {wished:.3f} s, "
        f"and was begun at {one.start:.3f} s"
    )
    asks = "A waiting item is begun at once: only retries wait."
    two = holds_two(trace, scenario)
    if two is not None:
        return CONSUMER_PREFETCHES(
            f"{seen}: {trace.label(two[0].task)} had taken it at {two[0].at:.3f} s, with item "
            f"{trace.name(two[1])} still in its hands{lines([two[0].line])}.",
            "A consumer takes one item at a time, so that others can take the rest.",
            line=two[0].line,
            at=two[0].at,
            task=two[0].task,
        )
    if serialised(trace, scenario):
        return WORK_SERIALISED(
            f"{seen}: the consumers took turns, and never worked at the same time.",
            "Each consumer works on its own item, whatever the others do.",
            line=one.line,
        )
    most, crew = _most_at_once(trace), len(trace.crew)
    held = any(got.item == one.item and got.at < one.start - SAME_TIME for got in trace.gets)
    if held and 1 < most < crew:
        return WORK_SLOTS_LIMITED(
            f"{seen}: a consumer had it in its hands, and waited. Never more than {most} of {crew} "
            "consumers worked at once.",
            "Each consumer works on its own item, whatever the others do.",
        )
    if not naps:
        return Failure(f"{seen}.", asks, line=one.line)
    nap = naps[-1]
    seen += f": the consumer slept for {span(nap.data[0])}{lines([nap.line])}."
    before = [
        t for t in trace.tries if t.end is not None and t.end <= nap.at - nap.data[0] + SAME_TIME
    ]
    last = max(before, key=lambda t: t.end or 0.0, default=None)
    mistake = SLEEPS_BEFORE_FIRST_TRY
    if last is not None and last.end is not None:
        if abs(last.end - (nap.at - nap.data[0])) <= SAME_TIME:
            mistake = SLEEPS_AFTER_SUCCESS if last.outcome == "ok" else SLEEPS_AFTER_LAST_FAILURE
        if last.outcome == "ok" and one.item == 0:
            mistake = SLEEPS_BEFORE_FIRST_TRY
    if (
        not any(
            step.at <= nap.at - nap.data[0] + SAME_TIME and step.item == one.item
            for step in trace.gets
        )
        and mistake is SLEEPS_BEFORE_FIRST_TRY
    ):
        mistake = POLLS_FOR_ITEMS
    return mistake(seen, asks, line=nap.line)


@asked_of_trace
def keeps_its_item(trace: Trace, scenario: Consume | Pipeline) -> None:
    """Retries stay with the consumer that holds the item, and it holds one item at a time."""
    none_put_back(trace, scenario)
    never_cut_off(trace, scenario)
    workers = (
        len(scenario.names) if isinstance(scenario, Consume) else scenario.options["consumers"]
    )
    settles = {item: order for order, item in settled_items(trace, scenario).items()}
    running: list[int] = []
    last: dict[int, Try] = {}
    for one in trace.tries:
        # An unsettled item whose consumer has moved on to another was given up early.
        running = [
            item
            for item in running
            if settles.get(item, len(trace.events)) > one.order
            and (item == one.item or last[item].task != one.task)
        ]
        last[one.item] = one
        if one.item not in running:
            running.append(one.item)
        if len(running) > workers:
            raise WORK_RUNS_BESIDE_THE_CONSUMER(
                f"At {one.start:.3f} s item {trace.name(one.item)} was begun while item "
                f"{trace.name(running[0])} was not settled: {len(running)} at once, with "
                f"{workers} consumer{'s' if workers > 1 else ''}.",
                "A consumer holds one item at a time, until it is settled.",
                line=one.line,
                at=one.start,
            )
