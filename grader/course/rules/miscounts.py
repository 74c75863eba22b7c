"""Which mistake made an item be tried too often, too few times, or never."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from grader.course.kit.failures import Failure, Misconception, span, times
from grader.course.kit.lesson import Consume, Job, Pipeline
from grader.course.mistakes.crew import (
    CONSUMER_ENDS_ON_EMPTY_QUEUE,
    FALSY_ITEM_TAKEN_FOR_END,
    GIVING_UP_ENDS_CONSUMER,
    SUCCESS_ENDS_CONSUMER,
)
from grader.course.mistakes.items import DROPS_ITEMS, EQUAL_ITEMS_MERGED
from grader.course.mistakes.tries import (
    NO_RETRY,
    ONE_TRY_TOO_FEW,
    ONE_TRY_TOO_MANY,
    RESULT_TAKEN_FOR_SUCCESS,
    TOO_FEW_TRIES,
    TOO_MANY_TRIES,
    TRIED_AFTER_SUCCESS,
    TRIES_CARRIED_TO_NEXT_ITEM,
    TRIES_SHARED_BY_CONSUMERS,
)
from grader.course.rules.ends import waiting_words
from grader.course.rules.setting import options_of
from grader.course.rules.shapes import twin_of
from grader.script import ALWAYS
from grader.trace import SAME_TIME, Trace, Try

__all__ = ["after_success", "dropped", "expected_tries", "too_few", "too_many"]

_ASKS_TRIES = "An item is tried until it succeeds, or until `attempts` tries have failed."


def expected_tries(job: Job, attempts: int) -> int:
    """How often an item should be tried, given what the service does with it."""
    return attempts if job.fails == ALWAYS else min(job.fails + 1, attempts)


def too_many(trace: Trace, index: int, job: Job, tries: Sequence[Try], attempts: int) -> Failure:
    """The failure for an item that was tried too often, judged by its tries."""
    succeeded = after_success(trace, index)
    if succeeded is not None:
        return succeeded
    name, extra = trace.name(index), tries[-1]
    cut = next((one for one in tries[:-1] if one.outcome in ("cancelled", "stopped")), None)
    if cut is not None and len(tries) <= attempts:
        return Failure(
            f"Try {cut.number} of item {name} was cut off at {cut.end or extra.start:.3f} s, and it was "
            f"tried again at {extra.start:.3f} s.",
            _ASKS_TRIES + " A try that runs is left to end by itself.",
            line=extra.line,
            at=extra.start,
        )
    mistake = ONE_TRY_TOO_MANY if len(tries) == attempts + 1 else TOO_MANY_TRIES
    counts = [len(trace.tries_of(i)) for i in _given_up(trace, attempts)]
    # A single consumer is checked before several are.
    if len(set(counts)) > 1 or len(trace.crew) > 1:
        return _uneven(trace, tries, attempts)
    return mistake(
        f"Item {name} was tried {times(len(tries))}, with attempts={attempts}.",
        f"attempts counts all tries: the first one, and then at most {attempts - 1} "
        f"retr{'y' if attempts == 2 else 'ies'}.",
        line=extra.line,
    )


def after_success(trace: Trace, index: int) -> Failure | None:
    """The failure for an item that was tried again after it had succeeded; None if it was not."""
    tries = trace.tries_of(index)
    success = next((n for n, one in enumerate(tries[:-1]) if one.outcome == "ok"), None)
    if success is None:
        return None
    again = tries[success + 1]
    nothing = trace.stats is not None and trace.stats.get("consumed") == 0
    return (RESULT_TAKEN_FOR_SUCCESS if nothing else TRIED_AFTER_SUCCESS)(
        f"Try {tries[success].number} of item {trace.name(index)} succeeded, and yet it was tried again "
        f"at {again.start:.3f} s.",
        _ASKS_TRIES + " It has succeeded when it returns, whatever it returns.",
        line=again.line,
        at=again.start,
    )


def _given_up(trace: Trace, attempts: int) -> list[int]:
    """The items that were given up on after at least `attempts` failed tries."""
    last = {one.item: one for one in trace.tries}
    return [i for i, one in last.items() if one.outcome == "transient" and one.number >= attempts]


def _uneven(trace: Trace, tries: Sequence[Try], attempts: int) -> Misconception:
    """The failure for equal failures with unequal numbers of tries: other tries were counted too."""
    others = {one.task for one in trace.tries} - {tries[-1].task}
    mistake = TRIES_SHARED_BY_CONSUMERS if others else TRIES_CARRIED_TO_NEXT_ITEM
    whose = "the other consumers" if others else "the items before it"
    name, count = trace.name(tries[-1].item), len(tries)
    less = f": the tries of {whose} are counted with its own"
    more = f", and others differently often: {whose} change its count"
    return mistake(
        f"Item {name} was tried {times(count)}, with attempts={attempts}"
        f"{less if count < attempts else more}.",
        "Each item has `attempts` tries of its own, whatever happened to others.",
        line=tries[-1].line,
        item=tries[-1].item,
    )


def too_few(
    trace: Trace, scenario: Consume | Pipeline, index: int, tries: Sequence[Try]
) -> Failure:
    """The failure for an item that was tried too few times or never, judged by its tries."""
    attempts = options_of(scenario)[0]
    name = trace.name(index)
    if not tries:
        return _never_tried(trace, scenario, index)
    last = tries[-1]
    if last.outcome is None:
        return Failure(
            f"Try {last.number} of item {name} began at {last.start:.3f} s and never ended.",
            at=last.start,
        )
    # It was not tried again: is the consumer stuck, or did it go on?
    waits = [wait for wait in trace.waits if wait.task == last.task]
    stuck = [wait for wait in waits if not wait.inside.endswith("get")]
    if stuck:
        return Failure(
            f"After failed try {last.number} of item {name}, {trace.label(last.task)} waits for "
            f"something that never comes: {waiting_words(trace, tuple(stuck))}.",
            _ASKS_TRIES,
            why="deadlock",
            line=stuck[0].line,
            task=last.task,
        )
    count = times(last.number)
    twin = twin_of(trace, index)
    if twin is not None and len(trace.tries_of(twin)) > last.number:
        return EQUAL_ITEMS_MERGED(
            f"Item {name!r} was tried {count} and then never again, with attempts={attempts}: "
            f"the tries of another item, {trace.items[twin]!r}, which is equal, were counted with it.",
            "Two equal items are two items: each has its own tries.",
            line=last.line,
        )
    counts = [len(trace.tries_of(i)) for i in range(len(trace.items))]
    early = [
        count
        for count, job in zip(counts, scenario.jobs, strict=True)
        if 0 < count < expected_tries(job, attempts)
    ]
    if (seconds := _deadline(trace, scenario)) is not None:
        return TOO_FEW_TRIES(
            f"Item {name} was tried {count}, and no more once {span(seconds)} had passed since its "
            f"first try began, with attempts={attempts}.",
            f"{_ASKS_TRIES} Only the tries count, however long they take.",
            line=last.line,
        )
    # A single consumer is checked before several are.
    if max(counts) > min(early) and (len(trace.crew) > 1 or _used_up(trace, attempts)):
        fewest = next(i for i, count in enumerate(counts) if count == min(early))
        return _uneven(trace, trace.tries_of(fewest), attempts)
    mistake = ONE_TRY_TOO_FEW if attempts == last.number + 1 > 2 else TOO_FEW_TRIES
    if last.number == 1:
        mistake = NO_RETRY
    return mistake(
        f"Item {name} was tried {count} (failed at {last.end:.3f} s) and then never again, "
        f"with attempts={attempts}.",
        f"{_ASKS_TRIES} {attempts} attempts are one try and {attempts - 1} "
        f"retr{'y' if attempts == 2 else 'ies'}.",
        line=last.line,
        at=last.end,
    )


def _used_up(trace: Trace, attempts: int) -> bool:
    """Whether a single count shared by all items explains which failures were followed by a retry.

    If so, every failure that was retried has a lower count than every one that wrongly was not. All
    variants are tried: the count restarts after a success or never, and it includes failures without a
    retry or not.
    """
    ends = sorted((one for one in trace.tries if one.outcome), key=lambda one: one.end_order or 0)
    last = {one.item: one for one in trace.tries}
    for resets, counts_last in product(((), ("ok",)), (True, False)):
        count, followed, left = 0, [-1], []
        for one in ends:
            what = one.outcome
            if what == "transient" and one is last[one.item]:
                what = "left"
                if one.number < attempts:
                    left.append(count)
                count += counts_last
            elif what == "transient":
                followed.append(count)
                count += 1
            if what in resets:
                count = 0
        if left and max(followed) < min(left):
            return True
    return False


def _deadline(trace: Trace, scenario: Consume | Pipeline) -> float | None:
    """The shortest time after which an item was given up early, if time seems to decide; else None.

    In that case every earlier failure was followed by another try.
    """
    attempts = options_of(scenario)[0]
    followed: list[float] = []
    given_up: list[float] = []
    for index in {one.item for one in trace.tries}:
        tries = trace.tries_of(index)
        for one in tries:
            if one.outcome == "transient" and one.number < attempts and one.end is not None:
                lasted = one.end - tries[0].start
                (followed if one is not tries[-1] else given_up).append(lasted)
    # A slightly longer time may be chance.
    if followed and given_up and min(given_up) > 2 * max(followed):
        return min(given_up)
    return None


def _never_tried(trace: Trace, scenario: Consume | Pipeline, index: int) -> Failure:
    job, name = scenario.jobs[index], trace.name(index)
    asks = "The consumer takes one item after the other, until it is cancelled."
    if twin_of(trace, index) is not None:  # as False equals 0
        return EQUAL_ITEMS_MERGED(
            f"Item {job.item!r} was never tried: it was taken for another, which is equal.",
            "Two equal items are two items: each has its own tries.",
        )
    if not job.item:
        return FALSY_ITEM_TAKEN_FOR_END(
            f"Item {job.item!r} was never tried: it was taken for something else.",
            "Every item counts, also 0 or an empty string.",
        )
    ended = [trace.ending(task) for task in trace.crew]
    for event in ended:
        # The lab cancels last; a consumer that ended before that did so by itself.
        if event is not None and event.data[0] == "returned":
            return _ended_early(trace, event.task, event.at, index, scenario)
    got = [step for step in trace.gets if step.item == index]
    if got:
        if (let_go := dropped(trace, index)) is not None:
            return let_go
        stuck = tuple(w for w in trace.waits if not w.inside.endswith("get"))
        where = f" It waits in {waiting_words(trace, stuck)}." if stuck else ""
        return Failure(
            f"Item {name} was taken from the queue at {got[0].at:.3f} s and never tried.{where}",
            _ASKS_TRIES,
            why="deadlock" if stuck else "expectation",
            line=stuck[0].line if stuck else got[0].line,
            at=got[0].at,
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


def dropped(trace: Trace, index: int) -> Misconception | None:
    """The failure for an item that whoever took it never tried, but asked for the next; else None."""
    got = next((step for step in trace.gets if step.item == index), None)
    if got is None or trace.tries_of(index):
        return None
    rest = (event for event in trace.events[got.order + 1 :] if event.task == got.task)
    asked = next((event for event in rest if event.kind in ("get", "get_wait")), None)
    if asked is None:
        return None
    return DROPS_ITEMS(
        f"Item {trace.name(index)} was taken from the queue at {got.at:.3f} s and never tried: "
        f"{trace.label(got.task)} asked for the next one at {asked.at:.3f} s.",
        _ASKS_TRIES,
        line=got.line,
        at=got.at,
        task=got.task,
        item=index,
    )


def _ended_early(
    trace: Trace, task: int, at: float, index: int, scenario: Consume | Pipeline
) -> Failure:
    attempts = options_of(scenario)[0]
    name, came = trace.name(index), scenario.jobs[index].at
    mine = [one for one in trace.tries if one.task == task]
    label = trace.label(task)
    at_once = bool(mine) and mine[-1].end is not None and at - mine[-1].end <= SAME_TIME
    if at_once and mine[-1].outcome == "transient" and mine[-1].number >= attempts:
        return GIVING_UP_ENDS_CONSUMER(
            f"{label} ended at {at:.3f} s, after it had given up on item "
            f"{trace.name(mine[-1].item)}: item {name} was never tried.",
            "Giving up on one item never stops the consumer: it takes the next.",
            line=mine[-1].line,
            at=at,
            task=task,
        )
    if mine and mine[-1].outcome == "ok" and came <= at:
        return SUCCESS_ENDS_CONSUMER(
            f"{label} ended at {at:.3f} s, when item {trace.name(mine[-1].item)} had succeeded: "
            f"item {name}, which was waiting, was never tried.",
            "A success ends the tries of one item; the consumer takes the next.",
            line=mine[-1].line,
            at=at,
            task=task,
        )
    return CONSUMER_ENDS_ON_EMPTY_QUEUE(
        f"{label} ended at {at:.3f} s, and item {name}, which came at {came:.3f} s, "
        "was never tried.",
        "A consumer runs until it is cancelled: an empty queue may fill again.",
        at=at,
        task=task,
    )
