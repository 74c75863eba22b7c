"""What holds of a pipeline with a bounded queue, asked of its trace.

Each function raises `Failure` with the evidence, or returns when all is well. `attempts` (in the
scenario's options, 1 without) says how many failed tries settle an item.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grader.authoring.ends import describe_error, unwelcome_end, waiting_words
from grader.authoring.failures import Failure, Misconception, asked_of_trace, lines
from grader.authoring.shapes import (
    dealt_out,
    holds_two,
    in_batches,
    not_first_in_first_out,
    put_back,
    serialised,
    settled_items,
    tampered_count,
    twin_of,
)
from grader.scenario import ALWAYS, Pipeline
from grader.trace import SAME_TIME, Print, Trace, Wait

__all__ = [
    "State",
    "all_worked_on_in_order",
    "bound_holds",
    "consumers_are_busy",
    "crews_are_busy",
    "error_surfaced",
    "holds_error",
    "keeps_awake_by_waiting",
    "logs_true_sizes",
    "none_put_back",
    "private_count",
    "queue_is_used",
    "returned_promptly",
    "settled_items",
    "states",
    "waits_for_real",
    "why_deadlocked",
]


@dataclass(frozen=True, slots=True)
class State:
    """The pipeline at a moment at which time passes.

    taken, begun, settled: how many items were taken from the source, begun, settled by then.
    depth: the size of the queue that carries the items, None while it is not an `asyncio.Queue`.
    """

    at: float
    taken: int
    begun: int
    settled: int
    depth: int | None

    @property
    def waiting(self) -> int:
        """Items taken and not begun: those in the queue and in the producer's hand."""
        return self.taken - self.begun

    @property
    def at_work(self) -> int:
        """Items begun and not settled; one that waits for its retry counts."""
        return self.begun - self.settled


def states(trace: Trace, scenario: Pipeline) -> list[State]:
    """The pipeline's state at each moment at which time passes."""
    carrier = _carrier(trace)
    settle_orders = settled_items(trace, scenario)
    taken = depth = 0
    begun: set[int] = set()
    settled: set[int] = set()
    found = []
    position = 0
    for at, until in trace.instants():
        for order in range(position, until):
            event = trace.events[order]
            if event.kind == "take":
                taken += 1
            elif event.kind == "begin":
                begun.add(event.data[0])
            elif event.kind in ("put", "get") and event.data[0] == carrier:
                depth = event.data[1]
            if order in settle_orders:
                settled.add(settle_orders[order])
        position = until
        found.append(State(at, taken, len(begun), len(settled), None if carrier is None else depth))
    return found


def _carrier(trace: Trace) -> int | None:
    """The queue that the items go through: the first into which anything was put."""
    return trace.puts[0].queue if trace.puts else None


def _numbers(trace: Trace, items: Sequence[int]) -> str:
    names = [trace.name(item) for item in items[:4]]
    more = f" and {len(items) - 4} more" if len(items) > 4 else ""
    return ("item " if len(items) == 1 else "items ") + ", ".join(names) + more


# -- every item, once, in order ---------------------------------------------------------------


@asked_of_trace
def all_worked_on_in_order(trace: Trace, scenario: Pipeline) -> None:
    """Every item is begun once (by its first try), in order, and finished before the return."""
    settled = set(settled_items(trace, scenario).values())
    missing = [item for item in range(len(scenario.jobs)) if item not in settled]
    if missing:
        raise _why_missing(trace, missing)
    none_put_back(trace, scenario)
    _no_repeats(trace, scenario)
    order = [one.item for one in trace.tries if one.number == 1]
    for place, item in enumerate(order):
        if item != place:
            raise _why_out_of_order(trace, scenario, item, place)


def _why_out_of_order(trace: Trace, scenario: Pipeline, item: int, place: int) -> Failure:
    seen = (
        f"Work began on item {trace.name(item)} before item {trace.name(place)}, "
        "which was taken earlier"
    )
    asks = "Items are begun in the order in which they come: first in, first out."
    if dealt_out(trace):
        return Misconception(
            "static-partition",
            f"{seen}: the items were dealt out to the consumers in advance, and "
            f"{trace.name(place)} had to wait for one that was busy.",
            "One queue for all: whoever is free takes the next item.",
        )
    got = not_first_in_first_out(trace)
    if got is not None:
        return Misconception(
            "wrong-queue-kind",
            f"{seen}: at {got.at:.3f} s the queue gave out an item before one that had been put "
            f"in earlier{lines([got.line])}.",
            asks,
            line=got.line,
        )
    two = holds_two(trace, scenario)
    if two is not None:
        return Misconception(
            "consumer-prefetches",
            f"{seen}: {trace.name(place)} had been taken out of the queue at {two[0].at:.3f} s "
            f"for a consumer that was still busy with item {trace.name(two[1])}"
            f"{lines([two[0].line])}.",
            "A consumer takes the next item when it has finished the last.",
            line=two[0].line,
        )
    return Misconception("items-out-of-order", f"{seen}.", asks)


@asked_of_trace
def none_put_back(trace: Trace, scenario: Any) -> None:
    """Nothing that was taken from the queue goes back into it."""
    event = put_back(trace, scenario)
    if event is not None:
        held = [one for one in trace.tries if one.task == event.task and one.start <= event.at]
        item = event.data[2] if event.data[2] is not None else held[-1].item if held else None
        raise Misconception(
            "item-put-back",
            f"Item {trace.name(item)} was put back into the queue at "
            f"{event.at:.3f} s{lines([event.line])}, before it was settled.",
            "Retries stay with the consumer that holds the item.",
            line=event.line,
        )


def _no_repeats(trace: Trace, scenario: Pipeline) -> None:
    attempts = scenario.options.get("attempts", 1)
    puts = [step.item for step in trace.puts if step.item is not None]
    for one in trace.tries:
        job = scenario.jobs[one.item]
        allowed = attempts if job.fails == ALWAYS else min(job.fails + 1, attempts)
        if one.number > allowed and puts.count(one.item) > 1:
            twice = [step for step in trace.puts if step.item == one.item]
            raise Misconception(
                "items-put-twice",
                f"Item {trace.name(one.item)} was put into the queue {len(twice)} times"
                f"{lines([step.line for step in twice])}, and worked on again at "
                f"{one.start:.3f} s.",
                "Each item is put once, and worked on exactly once.",
                line=twice[-1].line,
            )
        if one.number > allowed:
            raise Misconception(
                "works-twice",
                f"Item {trace.name(one.item)} was worked on again at {one.start:.3f} s, "
                "although it was settled.",
                "Every item is worked on exactly once.",
                line=one.line,
            )


def _why_missing(trace: Trace, missing: list[int]) -> Failure:
    asks = "Every item is worked on exactly once, and run_pipeline returns when all are finished."
    begun = {one.item for one in trace.tries}
    unfinished = [item for item in missing if item in begun]
    taken = {event.data[0] for event in trace.taken}
    joins = trace.of("join")
    for event, error in trace.died():
        if event.task != 1 and (not trace.tries or "TransientError" not in error["type"]):
            return Failure(
                f"{trace.label(event.task)} died at {event.at:.3f} s of {error['type']}"
                f"{lines(list(error['lines'])[-1:])}, and {_numbers(trace, missing)} "
                "never got finished.",
                asks,
                why="error",
                line=(list(error["lines"]) or [None])[-1],
            )
    if joins and trace.puts and joins[0].at <= trace.puts[0].at and joins[0].data[1] == 0:
        return Misconception(
            "join-before-put",
            f"join() was awaited (line {joins[0].line}) before anything was put into the queue: "
            f"nothing was unfinished yet, so it did not wait, and {_numbers(trace, missing)} "
            "never got finished.",
            asks,
            line=joins[0].line,
        )
    returned = f"run_pipeline returned at {trace.clock:.3f} s"
    for item in missing:
        twin = twin_of(trace, item) if item in taken and item not in begun else None
        if twin is not None:
            return Misconception(
                "equal-items-merged",
                f"One of two items {trace.name(item)!r} was never worked on: it was taken for the "
                "other, which is equal.",
                "Two equal items are two items.",
            )
    thrown = [item for item in missing if item in taken and _thrown_away(trace, item)]
    if thrown:
        return Misconception(
            "drops-items",
            f"{_numbers(trace, thrown).capitalize()} {'was' if len(thrown) == 1 else 'were'} "
            "taken from the source, and thrown away without being worked on.",
            "Nothing is thrown away: when the queue is full, the producer waits.",
        )
    naps = [e for e in trace.of("timer") if e.task == 1]
    if unfinished and naps:
        code, how = _impatience(trace, naps)
        return Misconception(
            code,
            f"{returned} while {_numbers(trace, unfinished)} "
            f"{'was' if len(unfinished) == 1 else 'were'} still being worked on: "
            f"{how}{lines([naps[-1].line])}.",
            f"{asks} An empty queue is not finished work: join() waits for both.",
            line=naps[-1].line,
        )
    if unfinished:
        return Misconception(
            "returns-without-waiting",
            f"{returned} while {_numbers(trace, unfinished)} "
            f"{'was' if len(unfinished) == 1 else 'were'} still being worked on.",
            asks,
        )
    return Misconception(
        "returns-without-waiting",
        f"{returned}, and {_numbers(trace, missing)} {'was' if len(missing) == 1 else 'were'} "
        "never begun.",
        asks,
    )


def _impatience(trace: Trace, naps: Sequence[Any]) -> tuple[str, str]:
    """How it waited, when it did not wait long enough."""
    if len(trace.of("join")) > len(trace.of("joined")):
        return "join-bounded", "its join() was cut off by a timeout"
    if len([nap for nap in naps if nap.line == naps[-1].line]) == 1:
        return (
            "sleep-instead-of-join",
            f"it had slept for {naps[-1].data[0]:.3g} s instead of waiting",
        )
    return "empty-queue-taken-for-finished", "it had looked again and again whether all was done"


def _thrown_away(trace: Trace, item: int) -> bool:
    """It never went into the queue, though later ones were taken; or a producer took it out."""
    puts = [step for step in trace.puts if step.item == item]
    if not puts:
        known = any(step.item is not None for step in trace.puts)
        return (known and trace.taken[-1].data[0] > item) or (known and bool(trace.of("drained")))
    producers = {event.task for event in trace.taken}
    return any(step.item == item and step.task in producers for step in trace.gets)


# -- the end ----------------------------------------------------------------------------------


@asked_of_trace
def returned_promptly(trace: Trace) -> None:
    """`run_pipeline` returns when the last item is settled, and leaves no task behind."""
    ended = max((one.end for one in trace.tries if one.end is not None), default=0.0)
    if trace.clock - ended > SAME_TIME:
        late = [e for e in trace.of("timer") if e.at > ended]
        code = _late_code(trace, late)
        raise Misconception(
            code,
            f"The last item was finished at {ended:.3f} s, but run_pipeline returned only at "
            f"{trace.clock:.3f} s{_MEANWHILE.get(code, '')}{lines([late[-1].line] if late else [])}.",
            "It returns promptly when all items are finished: join() wakes it at that moment.",
            line=late[-1].line if late else None,
        )
    if trace.left:
        raise Misconception(
            "tasks-left-behind",
            f"run_pipeline returned, and left tasks behind: {waiting_words(trace, trace.left)}.",
            "Every task that it started is done or cancelled when it returns.",
            line=trace.left[0].line,
        )


_MEANWHILE = {
    "stops-on-timeout": ", when its consumers had waited long enough for more",
    "sleeps-after-last-failure": ", when a consumer had slept once more",
    "join-bounded": ", when the time for its join() was over",
    "polls-instead-of-join": ", when it looked again",
    "sleep-instead-of-join": ", when its sleep was over",
}


@asked_of_trace
def waits_for_real(trace: Trace) -> None:
    """`run_pipeline` waits for the work itself: nothing wakes it in between."""
    waiting = {1} | {event.task for event in trace.of("join")}
    workers = {one.task for one in trace.tries}
    for nap in trace.of("timer"):
        if nap.task in waiting - workers:
            raise Misconception(
                "polls-instead-of-join",
                f"While the work went on, run_pipeline woke up at {nap.at:.3f} s, after "
                f"{nap.data[0]:.3g} s (line {nap.line}), to look whether all was done.",
                "The wait is a real one: join(), or the consumers' own end, wakes it once.",
                line=nap.line,
            )


def _late_code(trace: Trace, late: Sequence[Any]) -> str:
    """What it waited with instead: a bounded join, polling, a sleep, or nothing known."""
    joins, joined = trace.of("join"), trace.of("joined")
    workers = {one.task for one in trace.tries}
    naps = {e.at - e.data[0] for e in late}
    waited = [e.at for e in trace.of("get_wait")]
    if late and all(any(abs(at - nap) < SAME_TIME for at in waited) for nap in naps):
        return "stops-on-timeout"
    if late and all(e.task in workers for e in late):
        return "sleeps-after-last-failure"
    if late and len(joins) > len(joined):
        return "join-bounded"
    if len([e for e in trace.of("timer") if late and e.line == late[-1].line]) > 1:
        return "polls-instead-of-join"
    if trace.blocked and not late:
        return "blocks-the-loop"
    return "sleep-instead-of-join"


# -- backpressure -----------------------------------------------------------------------------


def bound_holds(runs: Sequence[tuple[Pipeline, Trace]]) -> None:
    """Never more than `maxsize` + 1 items taken and not begun, for each of several `maxsize`."""
    peaks = [(scenario, trace, _peak(trace, scenario)) for scenario, trace in runs]
    for scenario, trace, peak in peaks:
        if peak.waiting > scenario.options["maxsize"] + 1:
            raise _why_unbounded(scenario, trace, peak, peaks).about(trace)


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
        return Misconception(
            "puts-run-in-tasks",
            f"{seen}: every put runs in a task of its own (line {waits[-1].line}), so the producer "
            "never waits. The tasks are the unbounded buffer now.",
            asks,
            line=waits[-1].line,
        )
    first_put = trace.puts[0].order if trace.puts else len(trace.events)
    early = [e for e in trace.events[:first_put] if e.kind == "take"]
    if not trace.puts:  # a queue of the learner's own: is everything read before work begins?
        begun = trace.tries[0].order if trace.tries else len(trace.events)
        early = [e for e in trace.events[:begun] if e.kind == "take"]
    if len(early) > (maxsize + 1 if trace.puts else len(scenario.jobs) - 1):
        return Misconception(
            "reads-all-items-first",
            f"{len(early)} items were taken (line {early[0].line}) before the first was put: "
            "with a large source that list is the unbounded buffer.",
            "Take an item, put it, take the next: `items` may be endless.",
            line=early[0].line,
        )
    if serialised(trace, scenario):
        return _took_turns(trace, seen)
    two = holds_two(trace, scenario)
    if two is not None:
        return Misconception(
            "consumer-prefetches",
            f"{seen}: {trace.label(two[0].task)} had taken its next at {two[0].at:.3f} s, before "
            f"item {trace.name(two[1])} was finished{lines([two[0].line])}.",
            asks + " A consumer takes the next item when it has finished the last.",
            line=two[0].line,
        )
    small = [
        one.options["maxsize"] for one, _, state in peaks if state.waiting == one.options["maxsize"]
    ]
    if maxsize == 1 and len(small) == len(peaks) - 1 > 0:
        return Misconception(
            "bound-too-small",
            f"{seen}, and with maxsize={small[0]} only {small[0]}: the bound is one smaller than "
            "maxsize, and a queue of size 0 has no bound at all.",
            f"With maxsize={small[0]} there may be {small[0] + 1}: {small[0]} in the queue, and one "
            "in the producer's hand.",
            line=line,
        )
    sizes = {other.options["maxsize"] for other, _, _ in peaks}
    waiting = {other_peak.waiting for _, _, other_peak in peaks}
    everything = all(
        state.waiting >= len(one.jobs) - one.options["consumers"] for one, _, state in peaks
    )
    if everything:
        return Misconception(
            "unbounded-queue",
            f"{seen}, of {len(scenario.jobs)} in all: nothing held the producer back.",
            asks,
            line=None,
        )
    if len(sizes) > 1 and len(waiting) == 1:
        return Misconception(
            "ignores-maxsize",
            f"{seen}, and just as many with every other maxsize.",
            asks + " The bound comes from the parameter.",
        )
    return Misconception("bound-too-large", f"{seen}.", asks, line=line)


def _took_turns(trace: Trace, seen: str) -> Misconception:
    held = next(
        (
            one
            for one in trace.tries
            for step in trace.gets
            if step.item == one.item and one.start - step.at > SAME_TIME
        ),
        trace.tries[0],
    )
    return Misconception(
        "work-serialised",
        f"{seen}: the consumers took turns. Item {trace.name(held.item)} was begun only at "
        f"{held.start:.3f} s, although its consumer had taken it before.",
        "Each consumer works on its own item, whatever the others do.",
        line=held.line,
    )


def queue_is_used(runs: Sequence[tuple[Pipeline, Trace]]) -> None:
    """While all consumers are busy and items are left, `maxsize` items wait in the queue."""
    barrier = any(in_batches(trace, one) for one, trace in runs)
    for scenario, trace in runs:
        failure = _not_filled(trace, scenario, in_some_batches=barrier)
        depths = {max((s.depth or 0 for s in states(t, one)), default=0) for one, t in runs}
        if failure is not None and len(runs) > 1 and len(depths) == 1 and depths != {0}:
            depth = depths.pop()
            raise Misconception(
                "ignores-maxsize",
                f"The queue never held more than {depth} item{'s' if depth > 1 else ''}, "
                f"whatever maxsize says. {failure.message}",
                failure.asks,
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
            return _why_not_filled(trace, scenario, state, queued)
    return None


def _in_batches(state: State, queued: int, maxsize: int) -> Misconception:
    return Misconception(
        "batches-with-a-barrier",
        f"At {state.at:.3f} s all consumers were busy, and only {queued} item"
        f"{'' if queued == 1 else 's'} waited, with maxsize={maxsize}: nothing new was taken before "
        "all that had been taken was finished.",
        "The producer goes on as soon as there is room, whatever is still being worked on.",
    )


def _why_not_filled(trace: Trace, scenario: Pipeline, state: State, queued: int) -> Failure:
    maxsize = scenario.options["maxsize"]
    seen = (
        f"At {state.at:.3f} s all consumers were busy and items were left, but only {queued} "
        f"waited in the queue, with maxsize={maxsize}"
    )
    asks = f"The queue fills up to maxsize: {maxsize} items wait, and then the producer does."
    naps = _producers_naps(trace)
    if naps:
        return Misconception(
            _nap_code(trace, naps[0]),
            f"{seen}: the producer was asleep (line {naps[0].line}) instead of waiting for room.",
            "`await q.put(item)` wakes the producer at the moment when there is room.",
            line=naps[0].line,
        )
    most = max(state.taken - state.settled for state in states(trace, scenario))
    if most <= maxsize + 1:
        return Misconception(
            "bound-counts-work-in-progress",
            f"{seen}: with the {state.at_work} that were worked on there were never more than "
            f"{most}.",
            asks + " An item that is worked on takes up no place in the queue.",
        )
    return Misconception("bound-too-small", f"{seen}.", asks)


def _producers_naps(trace: Trace) -> list[Any]:
    producers = {event.task for event in trace.taken}
    last = trace.taken[-1].at if trace.taken else 0.0
    return [e for e in trace.of("timer") if e.task in producers and e.at <= last + SAME_TIME]


@asked_of_trace
def keeps_awake_by_waiting(trace: Trace) -> None:
    """The producer waits by awaiting: it neither sleeps nor stops the loop."""
    if trace.blocked:
        stop = trace.blocked[0]
        raise Misconception(
            "blocks-the-loop",
            f"time.sleep() at line {stop.line} stopped the whole event loop for "
            f"{stop.seconds:.3g} s, at {stop.at:.3f} s.",
            "The producer waits by awaiting, so that the consumers can go on.",
            line=stop.line,
        )
    naps = _producers_naps(trace)
    if naps:
        nap = naps[0]
        raise Misconception(
            _nap_code(trace, nap),
            f"The producer slept for {nap.data[0]:.3g} s until {nap.at:.3f} s (line {nap.line}), "
            f"{len(naps)} time{'s' if len(naps) > 1 else ''} in all.",
            "`await q.put(item)` is all the waiting that it needs: it wakes when there is room.",
            line=nap.line,
        )


def _nap_code(trace: Trace, nap: Any) -> str:
    """Does the producer sleep with an item in its hand (for want of room), or anyway?"""
    began = nap.at - nap.data[0]
    taken = sum(1 for event in trace.taken if event.at <= began + SAME_TIME)
    put = sum(1 for step in trace.puts if step.at <= began + SAME_TIME)
    return "polls-for-room" if put < taken else "producer-sleeps"


# -- throughput -------------------------------------------------------------------------------


def crews_are_busy(runs: Sequence[tuple[Pipeline, Trace]]) -> None:
    """`consumers_are_busy`, for several runs: does the parameter say how many work at once?"""
    peaks = [max(state.at_work for state in states(trace, one)) for one, trace in runs]
    asked = [one.options["consumers"] for one, _ in runs]
    turns = any(serialised(trace, one) for one, trace in runs)
    everything = all(peak == len(one.jobs) for peak, (one, _) in zip(peaks, runs, strict=True))
    if len(set(peaks)) == 1 < len(set(asked)) and not turns and not everything:
        wrong = next(place for place, wished in enumerate(asked) if wished != peaks[0])
        raise Misconception(
            "ignores-consumers",
            f"With consumers={asked[wrong]}, {peaks[0]} item{'s were' if peaks[0] > 1 else ' was'} "
            "worked on at once, and just as many with every other number of consumers.",
            "As many items are worked on at once as the parameter says.",
        ).about(runs[wrong][1])
    for scenario, trace in runs:
        consumers_are_busy(trace, scenario)


@asked_of_trace
def consumers_are_busy(trace: Trace, scenario: Pipeline) -> None:
    """`consumers` items are worked on at once while there are items."""
    consumers, total = scenario.options["consumers"], len(scenario.jobs)
    found = states(trace, scenario)
    for state in found[:-1]:
        wished = min(consumers, total - state.settled)
        if state.at_work < wished:
            raise _why_idle(trace, scenario, found, state, wished)
        if state.at_work > consumers:
            raise Misconception(
                "work-runs-beside-the-consumer",
                f"At {state.at:.3f} s {state.at_work} items were worked on at once, "
                f"with consumers={consumers}.",
                "Each consumer works on one item at a time.",
            )


def _why_idle(
    trace: Trace, scenario: Pipeline, found: Sequence[State], state: State, wished: int
) -> Failure:
    consumers = scenario.options["consumers"]
    most = max(one.at_work for one in found)
    if serialised(trace, scenario):
        return _took_turns(trace, f"At {state.at:.3f} s only {state.at_work} was worked on")
    seen = (
        f"At {state.at:.3f} s {state.at_work} item{'s were' if state.at_work != 1 else ' was'} "
        f"worked on, while {wished} could have been"
    )
    asks = f"With consumers={consumers}, {consumers} items are worked on at once while there are items."
    if in_batches(trace, scenario):
        return Misconception(
            "batches-with-a-barrier",
            f"{seen}: nothing new was begun before all that had been taken was finished.",
            asks,
        )
    if most < consumers:
        return Misconception("ignores-consumers", f"{seen}; it was never more than {most}.", asks)
    naps = _producers_naps(trace)
    if naps:
        return Misconception(
            _nap_code(trace, naps[0]),
            f"{seen}: the producer slept for {naps[0].data[0]:.3g} s (line {naps[0].line}).",
            asks,
            line=naps[0].line,
        )
    workers = {one.task for one in trace.tries}
    polls = [e for e in trace.of("timer") if e.task in workers]
    if polls and any(
        one.end is not None and abs(polls[0].at - polls[0].data[0] - one.end) < SAME_TIME
        for one in trace.tries
        if one.task == polls[0].task and one.outcome == "ok"
    ):
        return Misconception(
            "sleeps-after-success",
            f"{seen}: {trace.label(polls[0].task)} slept for {polls[0].data[0]:.3g} s after an item "
            f"(line {polls[0].line}).",
            asks + " A consumer that is free takes the next item at once.",
            line=polls[0].line,
        )
    if polls:
        return Misconception(
            "polls-for-items",
            f"{seen}: a consumer slept for {polls[0].data[0]:.3g} s (line {polls[0].line}) "
            "instead of waiting for an item.",
            asks + " `await q.get()` wakes a consumer at once.",
            line=polls[0].line,
        )
    return Failure(f"{seen}.", asks)


# -- the log ----------------------------------------------------------------------------------


@asked_of_trace
def logs_true_sizes(trace: Trace, scenario: Pipeline) -> None:
    """After each put a line `PROD <item> SZ <size>`, with the queue's true size at that moment."""
    found = [line for line in trace.prints if line.text.startswith("PROD ")]
    if not found:
        raise _why_no_log(trace)
    for item, line in zip(range(len(scenario.jobs)), found, strict=False):
        words = line.text.split(" ")
        if len(words) < 4 or words[1] != trace.name(item) or words[2] != "SZ":
            raise _strange_line(trace, line, item)
        _after_the_put(trace, line, item)
        _true_size(trace, line, words[3], item)
    if len(found) != len(scenario.jobs):
        raise Misconception(
            "log-lines-missing",
            f"{len(scenario.jobs)} items were put, but {len(found)} lines begin with PROD.",
            "One line after each put.",
        )


def _strange_line(trace: Trace, line: Print, item: int) -> Misconception:
    return Misconception(
        "log-format",
        f"The line for item {trace.name(item)} reads {line.text!r:.60}.",
        f"It begins `PROD {trace.name(item)} SZ <size>`, its fields separated by one space.",
        line=line.line,
    )


def _why_no_log(trace: Trace) -> Failure:
    asks = "After each put, a line on stdout that begins `PROD <item> SZ <size>`."
    errors = [event for event in trace.of("stderr") if "PROD" in event.data[0]]
    if errors:
        return Misconception(
            "log-not-on-stdout",
            f"The PROD lines went to stderr (line {errors[0].line}): logging writes there "
            "unless it is told otherwise.",
            asks,
            line=errors[0].line,
        )
    for item in range(len(trace.items)):
        for line in trace.prints:
            if trace.name(item) in line.text and len(trace.prints) >= len(trace.items):
                return _strange_line(trace, line, item)
    return Misconception("log-lines-missing", "No line that begins with PROD was printed.", asks)


def _after_the_put(trace: Trace, line: Print, item: int) -> None:
    put = next((step for step in trace.puts if step.item == item), None)
    if put is None or line.order > put.order or line.size is None:
        return
    # A queue that prints as it puts speaks before its put() has returned: the item is in it then.
    before = [e for e in trace.events[: line.order] if e.kind in ("put", "get")]
    depth = next((e.data[1] for e in reversed(before) if e.data[0] == put.queue), 0)
    if line.size <= depth:
        raise Misconception(
            "size-read-too-early",
            f"The line for item {trace.name(item)} was printed at {line.at:.3f} s, before the item "
            "was in the queue.",
            "The line comes after the put, and shows the size that the put has led to.",
            line=line.line,
        )


def _true_size(trace: Trace, line: Print, said: str, item: int) -> None:
    low, high = _possible_sizes(trace, line, item)
    if said.isdecimal() and low <= int(said) <= high:
        return
    if not said.isdecimal():
        raise _strange_line(trace, line, item)
    puts = [step.order for step in trace.puts if step.item == item]
    true = str(low) if low == high else f"{low} to {high}"
    seen = f"The line for item {trace.name(item)} says SZ {said:.20} at {line.at:.3f} s"
    asks = "The size is the queue's own, after the put: q.qsize() knows it."
    early = int(said) == low - 1 or (bool(puts) and line.order < puts[0])
    code = "size-read-too-early" if early else "size-not-from-the-queue"
    if puts and line.order < puts[0]:
        seen += ", before the item was put"
    raise Misconception(
        code,
        f"{seen}, but there {'was' if true == '1' else 'were'} {true} in the queue.",
        asks,
        line=line.line,
    )


def _possible_sizes(trace: Trace, line: Print, item: int) -> tuple[int, int]:
    """The queue's size at a line: exact for an `asyncio.Queue`, else between two counts."""
    if line.size is not None and trace.puts:
        return line.size, line.size
    begun_before = len({e.data[0] for e in trace.events[: line.order] if e.kind == "begin"})
    later = [e for e in trace.events if e.kind == "begin" and e.at <= line.at + SAME_TIME]
    begun_then = len({e.data[0] for e in later})
    return max(0, item + 1 - begun_then), item + 1 - begun_before


# -- deadlocks --------------------------------------------------------------------------------


def why_deadlocked(trace: Trace, scenario: Pipeline) -> Failure:
    """The failure for a pipeline that never returns, by what its tasks wait for."""
    failure = unwelcome_end(trace, scenario, ())
    assert failure is not None
    if failure.why != "deadlock":
        return failure
    waits = f"Waiting for ever: {waiting_words(trace, trace.waits)}."
    settled = set(settled_items(trace, scenario).values())
    if not trace.tries and trace.of("put_wait"):
        line = trace.of("put_wait")[-1].line
        return Misconception(
            "consumers-start-too-late",
            f"The producer waits for room (line {line}) since {trace.clock:.3f} s, "
            "and no consumer has been started that could make any.",
            waits,
            why="deadlock",
            line=line,
        )
    if tampered_count(trace) is not None:
        return private_count(trace)
    if len(settled) == len(scenario.jobs):
        return _why_no_end(trace, waits, failure.line)
    return _nobody_left(trace, scenario, waits) or failure


def private_count(trace: Trace) -> Misconception:
    """The failure for a count of unfinished items that was changed behind the queue's back."""
    event = tampered_count(trace)
    assert event is not None
    what = (
        f"join() returned at {event.at:.3f} s, though items were left that nobody had marked as done"
        if event.kind == "joined"
        else f"at {event.at:.3f} s the queue counted fewer unfinished items ({event.data[1]}) than its "
        "puts and task_done()s leave"
    )
    return Misconception(
        "private-counters",
        f"{what.capitalize() if what[0] == 'a' else what}: something changed the queue's own count.",
        "What begins with an underscore is the queue's own; task_done() counts, and wakes join().",
        why="deadlock" if trace.how == "deadlock" else "expectation",
        line=event.line,
    )


def _nobody_left(trace: Trace, scenario: Pipeline, waits: str) -> Misconception | None:
    """Have consumers ended by giving up on an item, so that nobody takes the rest?"""
    attempts = scenario.options.get("attempts", 1)
    for event in trace.of("end"):
        mine = [one for one in trace.tries if one.task == event.task]
        gave_up = mine and mine[-1].outcome == "transient" and mine[-1].number >= attempts
        if gave_up and event.data[0] == "returned":
            return Misconception(
                "giving-up-ends-consumer",
                f"{trace.label(event.task)} ended at {event.at:.3f} s, after it had given up on "
                f"item {trace.name(mine[-1].item)}: in the end nobody was left to take an item.",
                waits,
                why="deadlock",
                line=mine[-1].line,
            )
    return None


def _why_no_end(trace: Trace, waits: str, line: int | None) -> Failure:
    done, got = len(trace.dones), len([step for step in trace.gets if step.item is not None])
    joins = [wait for wait in trace.waits if wait.inside.endswith("join")]
    if joins and done < got:
        return Misconception(
            "task-done-missing",
            f"All {got} items are settled at {trace.clock:.3f} s, but task_done() was called "
            f"{done} times: join() waits for {got - done} more.",
            "task_done() exactly once for each item, on every path, also when it is given up.",
            why="deadlock",
            line=joins[0].line,
        )
    waiters = [wait for wait in trace.waits if wait.inside.endswith("get")]
    if waiters and not joins:
        return _never_told(trace, waiters)
    return Failure(
        f"All items are finished at {trace.clock:.3f} s, but run_pipeline never returns.",
        waits,
        why="deadlock",
        line=line,
    )


def _never_told(trace: Trace, waiters: Sequence[Wait]) -> Misconception:
    """All is done and joined, and consumers still wait: which of them were told, and how?"""
    many = len(waiters) > 1
    seen = (
        f"All items are finished at {trace.clock:.3f} s, but {len(waiters)} "
        f"consumer{'s' if many else ''} still wait{'' if many else 's'} for an item, and "
        "run_pipeline for them"
    )
    line = waiters[0].line
    joined = [order for order, event in enumerate(trace.events) if event.kind == "joined"]
    again = [e for e in trace.events[joined[-1] :] if e.kind == "get_wait"] if joined else []
    if len(again) >= len(waiters):
        return Misconception(
            "swallows-cancellation",
            f"{seen}: after the end of join() each began to wait anew{lines([line])}.",
            "A consumer that is cancelled ends: CancelledError leaves it at once.",
            why="deadlock",
            line=line,
        )
    workers = {step.task for step in trace.gets} | {wait.task for wait in waiters}
    none_told = len(waiters) == len(workers)
    return Misconception(
        "consumers-never-told-to-stop" if none_told else "one-sentinel-for-all",
        f"{seen}.",
        "Each consumer has to be told that there is no more: one end mark each, or cancel().",
        why="deadlock",
        line=line,
    )


# -- errors -----------------------------------------------------------------------------------


@asked_of_trace
def error_surfaced(trace: Trace, kind: str, *, all_die: bool) -> None:
    """An error of the service left `run_pipeline`, bare or in a group, and did not hang it."""
    failed = [one for one in trace.tries if one.outcome == "error"]
    where = (
        f"Item {trace.name(failed[0].item)} raised {kind} at {failed[0].end:.3f} s"
        if failed
        else kind
    )
    asks = "An error that is not transient surfaces from run_pipeline, bare or in a group."
    if trace.how == "deadlock":
        waits = f"run_pipeline waits for ever: {waiting_words(trace, trace.waits)}"
        line = next((wait.line for wait in trace.waits if wait.task == 1), None)
        who = "every consumer died of it" if all_die else "its consumer died of it"
        raise Misconception(
            "error-hangs-pipeline", f"{where}, {who}, and {waits}.", asks, why="deadlock", line=line
        )
    if trace.how == "returned":
        retried = [
            t
            for t in trace.tries
            if failed and t.item == failed[0].item and t.order > failed[0].order
        ]
        code = "retries-other-errors" if retried else "error-hidden"
        how = (
            "it was tried again" if retried else "run_pipeline returned as if nothing had happened"
        )
        raise Misconception(code, f"{where}, and {how}.", asks)
    error = trace.end["error"]
    if not holds_error(error, kind):
        raise Misconception(
            "error-wrapped",
            f"{where}, but what left run_pipeline was {describe_error(error)}.",
            asks,
        )


def holds_error(error: Any, kind: str) -> bool:
    """True when the error, or one in its group, is of that type."""
    inner = error.get("inner") or ()
    return error["type"] == kind or any(holds_error(one, kind) for one in inner)
