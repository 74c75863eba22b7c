"""What holds of consumers that retry, asked of the trace of a `Consume` (or a `Pipeline`) scenario.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from grader.authoring.counts import stats_true, true_counts
from grader.authoring.ends import describe_error, waiting_words
from grader.authoring.failures import Failure, Misconception, asked_of_trace, lines
from grader.authoring.pauses import explain_pause
from grader.authoring.pipelines import holds_error, none_put_back
from grader.authoring.shapes import (
    cut_off,
    holds_two,
    serialised,
    settled_items,
    twin_of,
)
from grader.scenario import ALWAYS, Consume, Job, Pipeline
from grader.trace import SAME_TIME, QueueStep, Retry, Trace, Try

__all__ = [
    "attempts_respected",
    "begins_at_once",
    "cancelled_cleanly",
    "error_left",
    "items_done_once",
    "keeps_its_item",
    "loop_never_blocked",
    "none_done_early",
    "pauses_are",
    "pauses_hold",
    "retries_at_once",
    "settings_arrive",
    "settled_and_tried",
    "stats_true",
    "unsettled_is_marked_once",
    "unsettled_is_not_counted",
]

_ASKS_TRIES = "An item is tried until it succeeds, or until `attempts` tries have failed."


def _options(scenario: Consume | Pipeline) -> tuple[int, float, float]:
    given = scenario.options
    return given.get("attempts", 4), given.get("delay", 0.03), given.get("backoff", 2.0)


def _expected_tries(job: Job, attempts: int) -> int:
    return attempts if job.fails == ALWAYS else min(job.fails + 1, attempts)


# -- tries ------------------------------------------------------------------------------------


@asked_of_trace
def settled_and_tried(trace: Trace, scenario: Consume | Pipeline) -> None:
    """Each item is tried until it succeeds or `attempts` tries have failed, and no more."""
    attempts = _options(scenario)[0]
    _never_two_tries_at_once(trace)
    _never_cut_off(trace, scenario)
    for index, job in enumerate(scenario.jobs):
        if job.error is not None:
            continue
        tries = trace.tries_of(index)
        wished = _expected_tries(job, attempts)
        if len(tries) > wished:
            raise _too_many(trace, index, job, tries, attempts)
        if len(tries) < wished:
            raise _too_few(trace, scenario, index, tries)


def _never_two_tries_at_once(trace: Trace) -> None:
    for item in {one.item for one in trace.tries}:
        for one, following in pairwise(trace.tries_of(item)):
            if one.end_order is None or following.order < one.end_order:
                raise Misconception(
                    "tries-run-at-once",
                    f"Try {following.number} of item {trace.name(item)} began at "
                    f"{following.start:.3f} s, while try {one.number} was still running.",
                    "An item is tried again only after a try of it has failed.",
                    line=following.line,
                )


def _never_cut_off(trace: Trace, scenario: Consume | Pipeline) -> None:
    found = cut_off(trace, scenario) if isinstance(scenario, Consume) else None
    if found is not None:
        raise found


def _too_many(trace: Trace, index: int, job: Job, tries: Sequence[Try], attempts: int) -> Failure:
    name, extra = trace.name(index), tries[-1]
    if job.fails != ALWAYS and job.fails < attempts:
        nothing = trace.stats is not None and trace.stats.get("consumed") == 0
        return Misconception(
            "result-taken-for-success" if nothing else "tried-after-success",
            f"Try {job.fails + 1} of item {name} succeeded, and yet it was tried again "
            f"at {extra.start:.3f} s.",
            _ASKS_TRIES + " It has succeeded when it returns, whatever it returns.",
            line=extra.line,
        )
    code = "one-try-too-many" if len(tries) == attempts + 1 else "too-many-tries"
    counts = [len(trace.tries_of(i)) for i in _given_up(trace, attempts)]
    # A consumer alone has been judged before several are.
    if len(set(counts)) > 1 or len(trace.consumers) > 1:
        return _uneven(trace, tries, attempts)
    return Misconception(
        code,
        f"Item {name} was tried {len(tries)} times, with attempts={attempts}.",
        f"attempts counts all tries: the first one, and then at most {attempts - 1} "
        f"retr{'y' if attempts == 2 else 'ies'}.",
        line=extra.line,
    )


def _given_up(trace: Trace, attempts: int) -> list[int]:
    """Items of which so many tries failed, and that were left alone since."""
    last = {one.item: one for one in trace.tries}
    return [i for i, one in last.items() if one.outcome == "transient" and one.number >= attempts]


def _uneven(trace: Trace, tries: Sequence[Try], attempts: int) -> Misconception:
    """Items that fail alike are tried differently often: somebody else's tries are counted."""
    others = {one.task for one in trace.tries} - {tries[-1].task}
    code = "tries-shared-by-consumers" if others else "tries-carried-to-next-item"
    whose = "the other consumers" if others else "the items before it"
    name, count = trace.name(tries[-1].item), len(tries)
    times = "once" if count == 1 else f"{count} times"
    less = f": the tries of {whose} are counted with its own"
    more = f", and others differently often: {whose} change its count"
    return Misconception(
        code,
        f"Item {name} was tried {times}, with attempts={attempts}"
        f"{less if count < attempts else more}.",
        "Each item has `attempts` tries of its own, whatever happened to others.",
        line=tries[-1].line,
    )


def _too_few(
    trace: Trace, scenario: Consume | Pipeline, index: int, tries: Sequence[Try]
) -> Failure:
    attempts = _options(scenario)[0]
    name = trace.name(index)
    if not tries:
        return _never_tried(trace, scenario, index)
    last = tries[-1]
    if last.outcome is None:
        return Failure(
            f"Try {last.number} of item {name} began at {last.start:.3f} s and never ended."
        )
    # It was not tried again: did the consumer stop, or go on?
    waits = [wait for wait in trace.waits if wait.task == last.task]
    stuck = [wait for wait in waits if not wait.inside.endswith("get")]
    if stuck:
        return Failure(
            f"After failed try {last.number} of item {name}, {trace.label(last.task)} waits for "
            f"something that never comes: {waiting_words(trace, tuple(stuck))}.",
            _ASKS_TRIES,
            why="deadlock",
            line=stuck[0].line,
        )
    count = "once" if last.number == 1 else f"{last.number} times"
    if (twin := twin_of(trace, index)) is not None:
        return Misconception(
            "equal-items-merged",
            f"Item {name!r} was tried {count} and then never again, with attempts={attempts}: "
            f"the tries of another item, {trace.items[twin]!r}, which is equal, were counted with it.",
            "Two equal items are two items: each has its own tries.",
            line=last.line,
        )
    counts = [len(trace.tries_of(i)) for i in range(len(trace.items))]
    early = [
        count
        for count, job in zip(counts, scenario.jobs, strict=True)
        if 0 < count < _expected_tries(job, attempts)
    ]
    if max(counts) > min(early):
        fewest = next(i for i, count in enumerate(counts) if count == min(early))
        return _uneven(trace, trace.tries_of(fewest), attempts)
    code = "one-try-too-few" if attempts == last.number + 1 > 2 else "too-few-tries"
    if last.number == 1:
        code = "no-retry"
    return Misconception(
        code,
        f"Item {name} was tried {count} (failed at {last.end:.3f} s) and then never again, "
        f"with attempts={attempts}.",
        f"{_ASKS_TRIES} {attempts} attempts are one try and {attempts - 1} "
        f"retr{'y' if attempts == 2 else 'ies'}.",
        line=last.line,
    )


def _never_tried(trace: Trace, scenario: Consume | Pipeline, index: int) -> Failure:
    job, name = scenario.jobs[index], trace.name(index)
    asks = "The consumer takes one item after the other, until it is cancelled."
    if not job.item:
        return Misconception(
            "falsy-item-taken-for-end",
            f"Item {job.item!r} was never tried: it was taken for something else.",
            "Every item counts, also 0 or an empty string.",
        )
    ended = [trace.ending(task) for task in trace.consumers]
    for event in ended:
        # The lab's own cancelling comes after everything; an end before it is the learner's.
        if event is not None and event.data[0] == "returned":
            return _ended_early(trace, event.task, event.at, index, scenario)
    got = [step for step in trace.gets if step.item == index]
    if got:
        stuck = tuple(w for w in trace.waits if not w.inside.endswith("get"))
        where = f" It waits in {waiting_words(trace, stuck)}." if stuck else ""
        return Failure(
            f"Item {name} was taken from the queue at {got[0].at:.3f} s and never tried.{where}",
            _ASKS_TRIES,
            why="deadlock" if stuck else "expectation",
            line=stuck[0].line if stuck else got[0].line,
        )
    if trace.waits and not any(wait.inside.endswith("get") for wait in trace.waits):
        return Failure(
            f"Item {name} was never taken from the queue: the consumer waits for something "
            f"else: {waiting_words(trace, trace.waits)}.",
            asks,
            why="deadlock",
            line=trace.waits[0].line,
        )
    return Failure(f"Item {name} was never tried.", asks)


def _ended_early(
    trace: Trace, task: int, at: float, index: int, scenario: Consume | Pipeline
) -> Failure:
    attempts = _options(scenario)[0]
    name, came = trace.name(index), scenario.jobs[index].at
    mine = [one for one in trace.tries if one.task == task]
    label = trace.label(task)
    if mine and mine[-1].outcome == "transient" and mine[-1].number >= attempts:
        return Misconception(
            "giving-up-ends-consumer",
            f"{label} ended at {at:.3f} s, after it had given up on item "
            f"{trace.name(mine[-1].item)}: item {name} was never tried.",
            "Giving up on one item never stops the consumer: it takes the next.",
            line=mine[-1].line,
        )
    if mine and mine[-1].outcome == "ok" and came < at:
        return Misconception(
            "success-ends-consumer",
            f"{label} ended at {at:.3f} s, when item {trace.name(mine[-1].item)} had succeeded: "
            f"item {name}, which was waiting, was never tried.",
            "A success ends the tries of one item; the consumer takes the next.",
            line=mine[-1].line,
        )
    return Misconception(
        "consumer-ends-on-empty-queue",
        f"{label} ended at {at:.3f} s, and item {name}, which came at {came:.3f} s, "
        "was never tried.",
        "A consumer runs until it is cancelled: an empty queue may fill again.",
    )


def attempts_respected(runs: Sequence[tuple[Consume, Trace]]) -> None:
    """The number of tries follows the parameter; each run has an item that always fails first."""
    counts = {len(trace.tries_of(0)) for _, trace in runs}
    if len(runs) > 1 and len(counts) == 1 and counts != {0}:
        asked = " or ".join(str(scenario.options["attempts"]) for scenario, _ in runs)
        count = counts.pop()
        others = [trace for one, trace in runs if one.options["attempts"] != count]
        raise Misconception(
            "ignores-attempts",
            f"With attempts={asked} an item that always fails was tried {count} "
            f"time{'s' if count > 1 else ''}, whatever attempts says.",
            "The parameter says how many tries there are in all.",
        ).about([*others, runs[0][1]][0])
    short = {scenario.options["attempts"] - len(trace.tries_of(0)) for scenario, trace in runs}
    if short == {1}:
        asked = ", ".join(str(scenario.options["attempts"]) for scenario, _ in runs)
        got = ", ".join(str(len(trace.tries_of(0))) for _, trace in runs)
        raise Misconception(
            "one-try-too-few",
            f"With attempts={asked} an item that always fails was tried {got} times.",
            "attempts counts all tries, the first one and the last one, too.",
            line=next((one.line for _, trace in runs for one in trace.tries[-1:]), None),
        ).about(runs[0][1])
    for scenario, trace in runs:
        settled_and_tried(trace, scenario)


@asked_of_trace
def begins_at_once(trace: Trace, scenario: Consume) -> None:
    """An item that waits is begun as soon as a consumer is free, in the order of the queue."""
    free = dict.fromkeys(trace.consumers, 0.0)
    settles = {one.item: one.end for one in trace.tries if one.end is not None}  # by its last try
    for one in trace.tries:
        if one.number > 1:
            continue
        wished = max(scenario.jobs[one.item].at, min(free.values(), default=0.0))
        if one.start - wished > SAME_TIME:
            raise _late_start(trace, scenario, one, wished)
        owner = min(free, key=lambda task: free[task])
        free[owner] = settles.get(one.item, one.start)


def _late_start(trace: Trace, scenario: Consume, one: Try, wished: float) -> Failure:
    naps = [e for e in trace.of("timer") if wished - SAME_TIME < e.at <= one.start + SAME_TIME]
    seen = (
        f"Item {trace.name(one.item)} could have been begun at {wished:.3f} s, "
        f"and was begun at {one.start:.3f} s"
    )
    asks = "A waiting item is begun at once: only retries wait."
    two = holds_two(trace, scenario)
    if two is not None:
        return Misconception(
            "consumer-prefetches",
            f"{seen}: {trace.label(two[0].task)} had taken it at {two[0].at:.3f} s, with item "
            f"{trace.name(two[1])} still in its hands{lines([two[0].line])}.",
            "A consumer takes one item at a time, so that others can take the rest.",
            line=two[0].line,
        )
    if serialised(trace, scenario):
        return Misconception(
            "work-serialised",
            f"{seen}: the consumers took turns, and never worked at the same time.",
            "Each consumer works on its own item, whatever the others do.",
            line=one.line,
        )
    if not naps:
        return Failure(f"{seen}.", asks, line=one.line)
    nap = naps[-1]
    seen += f": the consumer slept for {nap.data[0]:.3g} s{lines([nap.line])}."
    before = [
        t for t in trace.tries if t.end is not None and t.end <= nap.at - nap.data[0] + SAME_TIME
    ]
    last = max(before, key=lambda t: t.end or 0.0, default=None)
    code = "sleeps-before-first-try"
    if last is not None and last.end is not None:
        if abs(last.end - (nap.at - nap.data[0])) <= SAME_TIME:
            code = "sleeps-after-success" if last.outcome == "ok" else "sleeps-after-last-failure"
        if last.outcome == "ok" and one.item == 0:
            code = "sleeps-before-first-try"
    if (
        not any(
            step.at <= nap.at - nap.data[0] + SAME_TIME and step.item == one.item
            for step in trace.gets
        )
        and code == "sleeps-before-first-try"
    ):
        code = "polls-for-items"
    return Misconception(code, seen, asks, line=nap.line)


# -- task_done --------------------------------------------------------------------------------


@asked_of_trace
def items_done_once(trace: Trace, scenario: Consume | Pipeline) -> None:
    """`task_done()` exactly once for each item got, and never before it is settled."""
    settled, marks = none_done_early(trace, scenario)
    quiet = next((order for order, e in enumerate(trace.events) if e.kind == "quiet"), None)
    if settled and quiet is not None and min(marks, default=quiet) >= quiet:
        raise _no_mark_in_time(trace, settled, quiet)
    if len(marks) < settled:
        raise _missing_mark(trace, scenario, settled, len(marks))
    _marks_by_consumer(trace, scenario, marks)


@asked_of_trace
def none_done_early(
    trace: Trace, scenario: Consume | Pipeline
) -> tuple[int, Mapping[int, QueueStep]]:
    """No `task_done()` before an item is settled, nor a second one.

    Returns the number of settled items, and the calls by their place in the trace.
    """
    settles = settled_items(trace, scenario)
    queue = trace.gets[0].queue if trace.gets else 0
    marks = {step.order: step for step in trace.dones if step.queue == queue}
    gots = {step.order for step in trace.gets if step.queue == queue and step.item is None}
    settled = done = spare = 0
    for order in range(len(trace.events)):
        if order in settles:
            settled += 1
        spare += order in gots  # an end mark: marked as done or not, as the learner likes
        if order in marks:
            done += 1
            if done > settled + spare:
                raise _early_mark(trace, scenario, order, settled)
            if marks[order].size < 0:
                raise _second_mark(trace, scenario, marks[order].line, order)
    return settled, marks


def _holding(trace: Trace, order: int) -> Try | None:
    """The last try that began before this place in the trace, by the same task if it has one."""
    task = trace.events[order].task
    mine = [one for one in trace.tries if one.order < order and one.task == task]
    return mine[-1] if mine else None


def _early_mark(trace: Trace, scenario: Consume | Pipeline, order: int, settled: int) -> Failure:
    event = trace.events[order]
    asks = "task_done() exactly once per item, after it is settled."
    attempts = _options(scenario)[0]
    held = _holding(trace, order)
    got = [step for step in trace.gets if step.order < order and step.task == event.task]
    untried = (
        got
        and got[-1].item is not None
        and not any(one.item == got[-1].item and one.order < order for one in trace.tries)
    )
    if untried:
        return Misconception(
            "task-done-too-early",
            f"task_done() was called for item {trace.name(got[-1].item)} at {event.at:.3f} s "
            f"(line {event.line}), before it had been tried.",
            f"{asks} Or else join() returns while work is still going on.",
            line=event.line,
        )
    if held is not None and held.outcome == "transient" and held.number < attempts:
        return Misconception(
            "task-done-too-early" if _marked_once(trace, held) else "task-done-per-try",
            f"task_done() was called at {event.at:.3f} s (line {event.line}) after failed try "
            f"{held.number} of item {trace.name(held.item)}, which was not settled yet.",
            f"{asks} A try that fails and is followed by another settles nothing.",
            line=event.line,
        )
    if (held is not None and held.outcome is None) or (
        held is not None and (held.end_order or 0) > order
    ):
        return Misconception(
            "task-done-too-early",
            f"task_done() was called at {event.at:.3f} s (line {event.line}) while item "
            f"{trace.name(held.item)} was still being worked on.",
            asks,
            line=event.line,
        )
    return _second_mark(trace, scenario, event.line, order)


def _second_mark(
    trace: Trace, scenario: Consume | Pipeline, line: int | None, order: int
) -> Failure:
    total = len(trace.dones)
    task = trace.events[order].task
    mine = [e for e in trace.events[:order] if e.task == task and e.kind in ("get", "get_wait")]
    marked = [step for step in trace.dones if step.task == task and step.order < order]
    if mine and mine[-1].kind == "get_wait" and len(marked) >= sum(e.kind == "get" for e in mine):
        return Misconception(
            "task-done-without-item",
            f"{trace.label(task)} was still waiting for an item when it called task_done() at "
            f"{trace.events[order].at:.3f} s{lines([line])}: there was nothing to mark as done.",
            "task_done() is for an item that was taken: it has no place where get() may not have "
            "given any.",
            line=line,
        )
    return Misconception(
        "task-done-twice",
        f"task_done() was called twice for one item{lines([line])}: "
        f"{total} calls for {len(settled_items(trace, scenario))} settled items.",
        "task_done() exactly once per item: on each path through the loop, one call.",
        line=line,
    )


def _missing_mark(trace: Trace, scenario: Consume | Pipeline, settled: int, done: int) -> Failure:
    attempts = _options(scenario)[0]
    given_up = [t for t in trace.tries if t.outcome == "transient" and t.number >= attempts]
    succeeded = [t for t in trace.tries if t.outcome == "ok"]
    times = "once" if done == 1 else f"{done} times"
    count = f"task_done() was called {times} for {settled} settled items"
    asks = "task_done() exactly once per item, on every path: join() waits for the missing call for ever."
    if done == 0:
        return Misconception("task-done-missing", f"{count}.", asks)
    if done == len(succeeded) and given_up:
        one = given_up[0]
        return Misconception(
            "task-done-missing-when-given-up",
            f"{count}: item {trace.name(one.item)}, given up on at {one.end:.3f} s, was never "
            "marked as done.",
            asks,
        )
    if done == len(given_up) and succeeded:
        one = succeeded[0]
        return Misconception(
            "task-done-missing-on-success",
            f"{count}: item {trace.name(one.item)}, which succeeded at {one.end:.3f} s, was never "
            "marked as done.",
            asks,
        )
    return Misconception("task-done-missing", f"{count}.", asks)


def _marked_once(trace: Trace, held: Try) -> bool:
    """Did a later try of the item fail as well, without another task_done()?"""
    later = [one for one in trace.tries_of(held.item) if one.number > held.number]
    if len(later) < 2 or later[0].end_order is None:
        return False
    between = trace.events[later[0].end_order : later[1].order]
    return not any(event.kind == "done" and event.task == held.task for event in between)


def _no_mark_in_time(trace: Trace, settled: int, quiet: int) -> Failure:
    after = [step for step in trace.dones if step.order > quiet]
    count = f"task_done() was called 0 times for {settled} settled items"
    asks = "task_done() exactly once per item: join() waits for the missing calls for ever."
    if after:
        return Misconception(
            "task-done-once-per-consumer",
            f"{count}; the only call of each consumer came when the consumer itself was ended"
            f"{lines([after[0].line])}.",
            asks,
            line=after[0].line,
        )
    return Misconception("task-done-missing", f"{count}.", asks)


def _marks_by_consumer(
    trace: Trace, scenario: Consume | Pipeline, marks: Mapping[int, Any]
) -> None:
    """With one mark too few here and one too many there the totals agree; the items do not."""
    consumers = {step.task for step in trace.gets}
    settles = settled_items(trace, scenario)
    for task in consumers:
        own = sum(1 for step in marks.values() if step.task == task)
        got = [s for s in trace.gets if s.task == task and s.item in settles.values()]
        if got and own and own > len([s for s in trace.gets if s.task == task]):
            raise Misconception(
                "task-done-twice",
                f"{trace.label(task)} took {len(got)} items and called task_done() {own} times.",
                "task_done() exactly once per item.",
            )


# -- errors and cancellation ------------------------------------------------------------------


@asked_of_trace
def error_left(trace: Trace, scenario: Consume, kind: str) -> None:
    """An error that is not transient leaves the consumer at once, uncounted and not retried."""
    index = next(i for i, job in enumerate(scenario.jobs) if job.error is not None)
    name = trace.name(index)
    tries = trace.tries_of(index)
    failing = scenario.jobs[index].fails + 1
    asks = "Only TransientError is retried; any other exception leaves the consumer at once."
    if len(tries) > failing:
        raise Misconception(
            "retries-other-errors",
            f"Try {failing} of item {name} raised {kind}, and it was tried again "
            f"at {tries[failing].start:.3f} s.",
            asks,
            line=tries[failing].line,
        )
    if len(tries) < failing:
        raise Failure(
            f"Item {name} was tried {len(tries)} times, and try {failing} never came.", asks
        )
    task = trace.consumers[0]
    event = trace.ending(task)
    cancelled = trace.of("cancel")
    if event is None or event.data[0] != "raised":
        how = "ended quietly" if event is not None and event.data[0] == "returned" else "went on"
        quiet = trace.of("quiet")
        raise (
            Misconception(
                "swallows-other-errors",
                f"Item {name} raised {kind} at {tries[-1].end:.3f} s, and the consumer {how} "
                "as if nothing had happened.",
                asks,
            )
            if cancelled or quiet
            else Failure("The consumer never ended.", asks)
        )
    error = event.data[1]
    if not holds_error(error, kind):
        raise Misconception(
            "error-wrapped",
            f"Item {name} raised {kind}, but what left the consumer was {describe_error(error)}.",
            asks,
            line=(list(error["lines"]) or [None])[-1],
        )
    if tries[-1].end is not None and event.at - tries[-1].end > SAME_TIME:
        naps = [e for e in trace.of("timer") if e.task == task and e.at > tries[-1].end]
        line = naps[-1].line if naps else None
        raise Misconception(
            "error-held-back",
            f"{kind} was raised at {tries[-1].end:.3f} s and left the consumer only at "
            f"{event.at:.3f} s{lines([line])}.",
            asks,
            line=line,
        )


@asked_of_trace
def cancelled_cleanly(trace: Trace, scenario: Consume, where: str) -> None:
    """A cancelled consumer ends at once, as cancelled, and counts nothing for its item."""
    moment = trace.of("cancel")[0]
    asks = "CancelledError leaves the consumer at once: not swallowed, not counted, not retried."
    for task in trace.consumers:
        event = trace.ending(task)
        label = trace.label(task)
        if event is None or event.at - moment.at > SAME_TIME:
            later = [
                one
                for one in trace.tries
                if one.task == task and one.order > trace.events.index(moment)
            ]
            what = f"tried item {trace.name(later[0].item)} again" if later else "went on"
            raise Misconception(
                "swallows-cancellation",
                f"{label} was cancelled at {moment.at:.3f} s {where}, and {what}.",
                asks,
                line=later[0].line if later else None,
            )
        if event.data[0] == "returned":
            raise Misconception(
                "swallows-cancellation",
                f"{label} was cancelled at {moment.at:.3f} s {where}, and returned as if it were "
                "finished: whoever cancelled it cannot see that it was.",
                asks,
            )
        if event.data[0] == "raised":
            raise Misconception(
                "cancellation-replaced",
                f"{label} was cancelled at {moment.at:.3f} s {where}, and ended with "
                f"{describe_error(event.data[1])} instead.",
                asks,
            )
    order = trace.events.index(moment)
    after = [one for one in trace.tries if one.order > order]
    if after:
        raise Misconception(
            "swallows-cancellation",
            f"After the cancellation at {moment.at:.3f} s item {trace.name(after[0].item)} "
            "was tried again.",
            asks,
            line=after[0].line,
        )


@asked_of_trace
def unsettled_is_not_counted(trace: Trace, scenario: Consume) -> None:
    """An item that an error or a cancellation leaves unsettled is in no count.

    Says nothing of consumers that did not end by it, as they should.
    """
    if not _all_left(trace):
        return
    stats, true = trace.last_stats or {}, true_counts(trace, scenario)
    for key in ("consumed", "failed"):
        said = stats.get(key)
        if type(said) is int and said > true[key]:
            items = [trace.name(one.item) for one in trace.tries if _unsettled(one)]
            raise Misconception(
                "counts-unsettled-item",
                f"An error or a cancellation ended the work on item {' and on item '.join(items)}, and "
                f'stats["{key}"] is {said} where it should be {true[key]}.',
                "An item that is not settled counts neither as consumed nor as failed.",
            )


def _unsettled(one: Try) -> bool:
    return one.outcome in ("error", "cancelled")


@asked_of_trace
def unsettled_is_marked_once(trace: Trace, scenario: Consume) -> None:
    """`task_done()` at most once for an item that an error or a cancellation leaves unsettled."""
    for task in trace.consumers if _all_left(trace) else ():
        items = [one for one in trace.tries if one.task == task and one.number == 1]
        calls = [step for step in trace.dones if step.task == task]
        if len(calls) > len(items):
            label = trace.label(task)
            raise Misconception(
                "task-done-twice",
                f"{label} took {len(items)} item, was stopped in the middle of it by an error or a "
                f"cancellation, and called task_done() {len(calls)} times"
                f"{lines([step.line for step in calls])}.",
                "task_done() at most once for an item that was not settled.",
                line=calls[-1].line,
            )


def _all_left(trace: Trace) -> bool:
    """Did the error or the cancellation of its item end every consumer at once?"""
    for task in trace.consumers:
        last = [one for one in trace.tries if one.task == task][-1:]
        event = trace.ending(task)
        if not last or event is None or event.data[0] == "returned":
            return False
        if last[0].end is None or event.at - last[0].end > SAME_TIME:
            return False
    return True


# -- one item at a time -----------------------------------------------------------------------


@asked_of_trace
def keeps_its_item(trace: Trace, scenario: Consume | Pipeline) -> None:
    """Retries stay with the consumer that holds the item, which holds one at a time."""
    none_put_back(trace, scenario)
    _never_cut_off(trace, scenario)
    workers = (
        len(scenario.names) if isinstance(scenario, Consume) else scenario.options["consumers"]
    )
    settles = {item: order for order, item in settled_items(trace, scenario).items()}
    running: list[int] = []
    for one in trace.tries:
        running = [item for item in running if settles.get(item, len(trace.events)) > one.order]
        if one.item not in running:
            running.append(one.item)
        if len(running) > workers:
            raise Misconception(
                "work-runs-beside-the-consumer",
                f"At {one.start:.3f} s item {trace.name(one.item)} was begun while item "
                f"{trace.name(running[0])} was not settled: {len(running)} at once, with "
                f"{workers} consumer{'s' if workers > 1 else ''}.",
                "A consumer holds one item at a time, until it is settled.",
                line=one.line,
            )


# -- pauses -----------------------------------------------------------------------------------


@asked_of_trace
def loop_never_blocked(trace: Trace) -> None:
    """Nobody stops the event loop: the others go on while one waits."""
    for stop in trace.blocked:
        raise Misconception(
            "blocks-the-loop",
            f"time.sleep() at line {stop.line} stopped the whole event loop for "
            f"{stop.seconds:.3g} s, at {stop.at:.3f} s: the other consumers stood still meanwhile.",
            "The event loop is never blocked: await asyncio.sleep(...) lets the others go on.",
            line=stop.line,
        )


def pauses_are(trace: Trace, scenario: Consume | Pipeline, *, jitter: float = 0.0) -> None:
    """Before retry k the pause is `delay * backoff ** (k - 1)`, plus at most `jitter` of that.

    jitter: the largest random addition, as a fraction (0: exactly the delay).
    """
    pauses_hold([(scenario, trace)], jitter=jitter)


def pauses_hold(
    runs: Sequence[tuple[Consume | Pipeline, Trace]], *, jitter: float | None = 0.0
) -> None:
    """`pauses_are` for several runs: a mistake is named only when it explains all of them.

    jitter: None takes each run's own.
    """
    wrong = []
    for scenario, trace in runs:
        allowed = scenario.options["jitter"] if jitter is None else jitter
        retry = _first_wrong(trace, scenario, allowed)
        if retry is not None:
            wrong.append((scenario, trace, retry, allowed))
    if wrong:
        raise explain_pause(wrong).about(wrong[0][1])


def _first_wrong(trace: Trace, scenario: Consume | Pipeline, jitter: float) -> Retry | None:
    _, delay, backoff = _options(scenario)
    for retry in trace.retries:
        clean = delay * backoff ** (retry.number - 1)
        slack = SAME_TIME + clean * 1e-9
        if not clean - slack <= retry.pause <= clean * (1 + jitter) + slack:
            return retry
    return None


def settings_arrive(runs: Sequence[tuple[Pipeline, Trace]]) -> None:
    """The settings handed to `run_pipeline` reach its consumers: not all of them run by defaults."""
    asked = [scenario.options["attempts"] for scenario, _ in runs]
    counts = {len(trace.tries_of(i)) for scenario, trace in runs for i in _hopeless(scenario)}
    if counts != {_DEFAULTS["attempts"]} or set(asked) == counts:
        return
    delay, backoff, jitter = (_DEFAULTS[name] for name in ("delay", "backoff", "jitter"))
    for _scenario, trace in runs:
        for retry in trace.retries:
            low = delay * backoff ** (retry.number - 1)
            if not low - SAME_TIME <= retry.pause <= low * (1 + jitter) + SAME_TIME:
                return
    raise Misconception(
        "settings-not-passed-on",
        f"run_pipeline was given attempts={' or '.join(map(str, asked))}, and its consumers made "
        "4 tries each time, with the waits of the defaults, too.",
        "attempts, delay, backoff and jitter go from run_pipeline to every consumer.",
    ).about(runs[0][1])


_DEFAULTS = {"attempts": 4, "delay": 0.03, "backoff": 2.0, "jitter": 0.25}


def _hopeless(scenario: Consume | Pipeline) -> list[int]:
    return [i for i, job in enumerate(scenario.jobs) if job.fails == ALWAYS]


@asked_of_trace
def retries_at_once(trace: Trace) -> None:
    """No time passes between a failed try and the next."""
    for retry in trace.retries:
        if retry.pause > SAME_TIME:
            raise Misconception(
                "sleeps-in-ex2",
                f"Between try {retry.number} of item {trace.name(retry.item)} (failed at "
                f"{retry.start:.3f} s) and the next, {retry.pause * 1000:.1f} ms passed.",
                "Retries are immediate here: no time passes between tries.",
            )
