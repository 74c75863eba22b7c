"""Recognises patterns in how a module works, from the order of events alone."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

from grader.course.kit.failures import Misconception, Mistake, lines
from grader.course.kit.lesson import Pipeline
from grader.course.kit.world import Scenario
from grader.course.mistakes.bound import POLLS_FOR_ROOM, PRODUCER_SLEEPS
from grader.course.mistakes.crew import WORK_SERIALISED
from grader.course.mistakes.pauses import DELAY_TAKEN_FOR_TIMEOUT
from grader.course.mistakes.tries import OWN_TIMEOUT_ADDED
from grader.trace import SAME_TIME, Event, QueueStep, Trace, Try

__all__ = [
    "cut_off",
    "dealt_out",
    "holds_two",
    "in_batches",
    "marked_from_outside",
    "mistaken_nap",
    "not_first_in_first_out",
    "producers_naps",
    "put_back",
    "serialised",
    "settled_items",
    "tampered_count",
    "took_turns",
    "twin_of",
]


def settled_items(trace: Trace, scenario: Any) -> dict[int, int]:
    """Where in the trace each item is settled: from the event's position to the item."""
    attempts = scenario.options.get("attempts", 1 if isinstance(scenario, Pipeline) else 4)
    found: dict[int, int] = {}
    for one in trace.tries:
        given_up = one.outcome == "transient" and one.number >= attempts
        if one.end_order is not None and (one.outcome in ("ok", "error") or given_up):
            found.setdefault(one.end_order, one.item)
    return found


def twin_of(trace: Trace, item: int) -> int | None:
    """Another item that was begun and is equal to this one, or None."""
    begun = {one.item for one in trace.tries}
    return next((i for i in begun if i != item and trace.items[i] == trace.items[item]), None)


# -- queues -----------------------------------------------------------------------------------


def not_first_in_first_out(trace: Trace) -> QueueStep | None:
    """The first get of an item that left its queue before one put earlier, or None."""
    waiting: dict[int, list[int]] = {}
    for event in trace.events:
        if event.kind == "put" and event.data[2] is not None:
            waiting.setdefault(event.data[0], []).append(event.data[2])
        elif event.kind == "get" and event.data[2] in waiting.get(event.data[0], ()):
            row = waiting[event.data[0]]
            if row[0] != event.data[2]:
                return next(s for s in trace.gets if s.at == event.at and s.item == event.data[2])
            row.pop(0)
    return None


def dealt_out(trace: Trace) -> bool:
    """Whether the items are divided among the consumers in advance, by a queue or slice for each."""
    queues = {step.queue for step in trace.puts if step.item is not None}
    if queues:
        return len(queues) > 1
    owners = Counter(one.task for one in trace.tries if one.number == 1)
    first = trace.tries[0].order if trace.tries else 0
    read = sum(1 for event in trace.events[:first] if event.kind == "take")
    return len(owners) > 1 and max(owners.values()) > 1 and read == len(trace.items)


def put_back(trace: Trace, scenario: Scenario) -> Event | None:
    """The first put of an item that had been taken from a queue, bare or wrapped; None if there is none.

    It counts as put back into its own queue if the task is not a producer, and into another queue if the
    item is not settled (items that were given up on may be collected in one). An unknown object put by a
    consumer with an unsettled item counts as that item, wrapped.
    """
    settles = settled_items(trace, scenario)
    producers = {event.task for event in trace.taken}
    came_from: dict[int, int] = {}  # the queue, by item
    held: dict[int, int] = {}  # the item, by the task that tries it
    for order, event in enumerate(trace.events):
        if event.kind == "get" and event.data[2] is not None:
            came_from[event.data[2]] = event.data[0]
        elif event.kind == "begin":
            held[event.task] = event.data[0]
        elif event.kind in ("put", "put_wait"):
            queue, item = event.data[0], event.data[-1]
            back = came_from.get(item) == queue or (item in came_from and item in held.values())
            wrapped = item is None and queue in came_from.values() and event.task in held
            if wrapped or (back and event.task not in producers):
                return event
        if order in settles:
            held = {task: item for task, item in held.items() if item != settles[order]}
    return None


def tampered_count(trace: Trace) -> Event | None:
    """The event where a queue's unfinished count is too low for its puts and task_done()s, or None."""
    unfinished: Counter[int] = Counter()
    empty: dict[int, int] = {}  # where everything was last marked as done
    joins: dict[tuple[int, int], int] = {}
    for order, event in enumerate(trace.events):
        if event.kind == "put":
            unfinished[event.data[0]] += 1
        elif event.kind == "done":
            unfinished[event.data[0]] -= 1
            if 0 <= event.data[1] < unfinished[event.data[0]]:
                return event
            if not unfinished[event.data[0]]:
                empty[event.data[0]] = order
        elif event.kind == "join":
            joins[event.task, event.data[0]] = order
        elif event.kind == "joined" and unfinished[event.data[0]] > 0 and event.data[1] > 0:
            began = joins.get((event.task, event.data[0]), 0)
            woken = empty.get(event.data[0], -1) >= began  # then more items were put
            if not woken:
                return event
    return None


def marked_from_outside(trace: Trace) -> Event | None:
    """The first task_done() by the task that takes from the source or waits for the end, or None."""
    outside = {1} | {event.task for event in trace.taken}
    workers = {step.task for step in trace.gets} | {one.task for one in trace.tries}
    return next((e for e in trace.of("done") if e.task in outside - workers), None)


# -- consumers --------------------------------------------------------------------------------


def holds_two(trace: Trace, scenario: Scenario) -> tuple[QueueStep, int] | None:
    """A get by a consumer whose previous item was not settled yet, and that item; None if none."""
    settles = {item: order for order, item in settled_items(trace, scenario).items()}
    workers = {one.task for one in trace.tries}
    for before, after in pairwise(sorted(trace.gets, key=lambda s: (s.task, s.order))):
        known = before.item is not None and after.item is not None
        if before.task == after.task and known and before.task in workers:
            settled = settles.get(before.item or 0, len(trace.events))
            if settled > after.order and after.order - before.order > 0:
                return after, before.item or 0
    return _ahead_of_work(trace, settles)


def _ahead_of_work(trace: Trace, settles: dict[int, int]) -> tuple[QueueStep, int] | None:
    """The same for a consumer whose next item another task fetches while it is at work."""
    ends: dict[int, Try] = {}
    for one in trace.tries:
        if one.number > 1:
            continue
        before = ends.get(one.task)
        got = next(
            (s for s in reversed(trace.gets) if s.item == one.item and s.order < one.order), None
        )
        if before is not None and got is not None and got.task != one.task:
            early = got.order < settles.get(before.item, len(trace.events))
            if early and got.order > before.order:
                return got, before.item
        ends[one.task] = one
    return None


def serialised(trace: Trace, scenario: Scenario) -> bool:
    """Whether several consumers hold items but take turns working on them."""
    ordered = sorted(trace.tries, key=lambda one: one.order)
    for one, following in pairwise(ordered):
        if one.end_order is None or following.order < one.end_order:
            return False
    holders = {step.task for step in trace.gets if step.item is not None}
    begun = {one.item: one.start for one in ordered if one.number == 1}
    held = [s for s in trace.gets if s.item in begun and begun[s.item] - s.at > SAME_TIME]
    return len(holders) > 1 and bool(held)


def took_turns(trace: Trace, seen: str) -> Misconception:
    """The failure for consumers that are `serialised`; `seen` says where it showed."""
    held = next(
        (
            one
            for one in trace.tries
            for step in trace.gets
            if step.item == one.item and one.start - step.at > SAME_TIME
        ),
        trace.tries[0],
    )
    return WORK_SERIALISED(
        f"{seen}: the consumers took turns. Item {trace.name(held.item)} was begun only at "
        f"{held.start:.3f} s, although its consumer had taken it before.",
        "Each consumer works on its own item, whatever the others do.",
        line=held.line,
        at=held.start,
    )


def in_batches(trace: Trace, scenario: Scenario) -> bool:
    """Whether work comes in batches: nothing new is taken, or begun, while anything is unsettled."""
    settles = settled_items(trace, scenario)
    if _batches(trace, settles, "take", 1):  # one may be in the producer's hand
        return True
    # Items with equal durations are always begun together.
    ends = sorted({one.end for one in trace.tries if one.outcome == "ok" and one.end is not None})
    uneven = sum(b - a > SAME_TIME for a, b in pairwise(ends)) > len(settles) / 2
    return uneven and _batches(trace, settles, "begin", 0)


def _batches(trace: Trace, settles: dict[int, int], kind: str, spare: int) -> bool:
    seen: set[int] = set()
    settled: set[int] = set()
    batches, before = 0, -1.0
    for order, event in enumerate(trace.events):
        if order in settles:
            settled.add(settles[order])
        if event.kind != kind or event.data[0] in seen:
            continue
        if event.at - before > SAME_TIME and seen:
            if len(seen - settled) > spare:
                return False
            batches += 1
        before = event.at
        seen.add(event.data[0])
    return batches >= 2 and len(seen) >= 1.5 * (batches + 1)  # batches of two or more


# -- tries ------------------------------------------------------------------------------------


def cut_off(trace: Trace, scenario: Scenario) -> Misconception | None:
    """The failure if a try was ended by a timeout in the learner's code, or None."""
    first = next((order for order, e in enumerate(trace.events) if e.kind == "cancel"), None)
    for one in trace.tries:
        late = first is not None and (one.end_order or 0) > first
        if one.outcome != "cancelled" or one.end is None or late:
            continue
        for timer in trace.of("timer"):
            lasted = one.end - one.start
            if abs(timer.at - one.end) < SAME_TIME and abs(timer.data[0] - lasted) < SAME_TIME:
                return _why_cut_off(trace, scenario, one, timer)
    return None


def _why_cut_off(trace: Trace, scenario: Scenario, one: Try, timer: Event) -> Misconception:
    given = scenario.options
    delay, backoff = given.get("delay", 0.03), given.get("backoff", 2.0)
    waits = [delay * backoff**k for k in range(-1, 9)] if "delay" in given or one.number > 1 else []
    of_delay = any(abs(wait - timer.data[0]) < SAME_TIME for wait in waits)
    seen = (
        f"Try {one.number} of item {trace.name(one.item)} was cut off at {one.end:.3f} s, "
        f"{timer.data[0]:.6g} s after it had begun{lines([timer.line])}"
    )
    if of_delay:
        return DELAY_TAKEN_FOR_TIMEOUT(
            f"{seen}: the wait limits the try instead of coming before it.",
            "The delay passes between two tries; a try itself may take as long as it needs.",
            line=timer.line,
            at=one.end,
            task=one.task,
        )
    return OWN_TIMEOUT_ADDED(
        f"{seen}.",
        f"A try ends when {trace.services[one.service]}() returns or raises: it may take as long as it "
        "needs.",
        line=timer.line,
        at=one.end,
        task=one.task,
    )


# -- producers -------------------------------------------------------------------------------


def producers_naps(trace: Trace) -> list[Any]:
    """The producer's sleeps, until it has taken the last item."""
    producers = {event.task for event in trace.taken}
    last = trace.taken[-1].at if trace.taken else 0.0
    return [e for e in trace.of("timer") if e.task in producers and e.at <= last + SAME_TIME]


def mistaken_nap(trace: Trace, nap: Any) -> Mistake:
    """The mistake behind a producer's sleep: it polls for room with an item in hand, or just sleeps."""
    began = nap.at - nap.data[0]
    taken = sum(1 for event in trace.taken if event.at <= began + SAME_TIME)
    put = sum(1 for step in trace.puts if step.at <= began + SAME_TIME)
    return POLLS_FOR_ROOM if put < taken else PRODUCER_SLEEPS
