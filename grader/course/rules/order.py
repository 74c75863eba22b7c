"""Whether every item of a pipeline is worked on once, and in order of arrival.

Each function raises `Failure` with the evidence, or returns when all is well. `attempts` (in the
scenario's options, 1 by default) is the number of failed tries that settle an item.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from grader.course.kit.failures import Failure, Misconception, Mistake, asked_of_trace, lines, span
from grader.course.kit.lesson import Pipeline
from grader.course.mistakes.bound import READS_ALL_ITEMS_FIRST, STATIC_PARTITION
from grader.course.mistakes.crew import CONSUMER_PREFETCHES, STATE_SHARED_BETWEEN_RUNS
from grader.course.mistakes.items import (
    DROPS_ITEMS,
    EQUAL_ITEMS_MERGED,
    ITEMS_OUT_OF_ORDER,
    ITEMS_PUT_TWICE,
    WORKS_ON_ANOTHER_ITEM,
    WORKS_TWICE,
    WRONG_QUEUE_KIND,
)
from grader.course.mistakes.marks import (
    EMPTY_QUEUE_TAKEN_FOR_FINISHED,
    JOIN_BEFORE_PUT,
    JOIN_BOUNDED,
    RETURNS_WITHOUT_WAITING,
    SLEEP_INSTEAD_OF_JOIN,
)
from grader.course.mistakes.tries import ITEM_PUT_BACK
from grader.course.rules.exceptions import last_line
from grader.course.rules.shapes import (
    cut_off,
    dealt_out,
    holds_two,
    not_first_in_first_out,
    put_back,
    settled_items,
    twin_of,
)
from grader.script import ALWAYS
from grader.trace import Trace

__all__ = ["all_worked_on_in_order", "none_put_back", "nothing_remembered"]


@asked_of_trace
def all_worked_on_in_order(trace: Trace, scenario: Pipeline) -> None:
    """Every item is begun once, in order, and finished before `run_pipeline` returns."""
    settled = set(settled_items(trace, scenario).values())
    missing = [item for item in range(len(scenario.jobs)) if item not in settled]
    none_put_back(trace, scenario)
    if missing:
        began = any(one.item in missing for one in trace.tries)
        limited = cut_off(trace, scenario) if began else None
        raise (limited or _why_missing(trace, missing)).showing(item=missing[0])
    _no_repeats(trace, scenario)
    order = [one.item for one in trace.tries if one.number == 1]
    for place, item in enumerate(order):
        if item != place:
            failure = _why_out_of_order(trace, scenario, item, place)
            raise failure.showing(at=trace.tries_of(item)[0].start, item=item)


def _why_out_of_order(trace: Trace, scenario: Pipeline, item: int, place: int) -> Failure:
    seen = (
        f"Work began on item {trace.name(item)} before item {trace.name(place)}, "
        "which was taken earlier"
    )
    asks = "Items are begun in the order in which they come: first in, first out."
    if dealt_out(trace):
        return STATIC_PARTITION(
            f"{seen}: the items were dealt out to the consumers in advance, and "
            f"{trace.name(place)} had to wait for one that was busy.",
            "One queue for all: whoever is free takes the next item.",
        )
    got = not_first_in_first_out(trace)
    if got is not None:
        return WRONG_QUEUE_KIND(
            f"{seen}: at {got.at:.3f} s the queue gave out an item before one that had been put "
            f"in earlier{lines([got.line])}.",
            asks,
            line=got.line,
            at=got.at,
        )
    two = holds_two(trace, scenario)
    if two is not None:
        return CONSUMER_PREFETCHES(
            f"{seen}: {trace.name(place)} had been taken out of the queue at {two[0].at:.3f} s "
            f"for a consumer that was still busy with item {trace.name(two[1])}"
            f"{lines([two[0].line])}.",
            "A consumer takes the next item when it has finished the last.",
            line=two[0].line,
            at=two[0].at,
        )
    return ITEMS_OUT_OF_ORDER(f"{seen}.", asks)


@asked_of_trace
def none_put_back(trace: Trace, scenario: Any) -> None:
    """No item taken from the queue is put back into it."""
    event = put_back(trace, scenario)
    if event is not None:
        held = [one for one in trace.tries if one.task == event.task and one.start <= event.at]
        item = event.data[-1] if event.data[-1] is not None else held[-1].item if held else None
        raise ITEM_PUT_BACK(
            f"Item {trace.name(item)} was put back into the queue at "
            f"{event.at:.3f} s{lines([event.line])}, before it was settled.",
            "Retries stay with the consumer that holds the item.",
            line=event.line,
            at=event.at,
        )


@asked_of_trace
def nothing_remembered(trace: Trace) -> None:
    """A run with the same items after a correct one begins to work at all."""
    if trace.items and not trace.tries:
        raise STATE_SHARED_BETWEEN_RUNS(
            "run_pipeline worked on every item, and when it ran again over the same ones it began "
            "none of them: something of the first run was still there.",
            "Every run of the pipeline begins anew: nothing outlives it at the module's top, or in a "
            "default argument.",
            why="deadlock" if trace.how == "deadlock" else "expectation",
        )


def _no_repeats(trace: Trace, scenario: Pipeline) -> None:
    attempts = scenario.options.get("attempts", 1)
    puts = [step.item for step in trace.puts if step.item is not None]
    for one in trace.tries:
        job = scenario.jobs[one.item]
        allowed = attempts if job.fails == ALWAYS else min(job.fails + 1, attempts)
        if one.number > allowed and puts.count(one.item) > 1:
            twice = [step for step in trace.puts if step.item == one.item]
            raise ITEMS_PUT_TWICE(
                f"Item {trace.name(one.item)} was put into the queue {len(twice)} times"
                f"{lines([step.line for step in twice])}, and worked on again at "
                f"{one.start:.3f} s.",
                "Each item is put once, and worked on exactly once.",
                line=twice[-1].line,
                at=one.start,
                task=one.task,
            )
        if one.number > allowed:
            raise WORKS_TWICE(
                f"Item {trace.name(one.item)} was worked on again at {one.start:.3f} s, "
                "although it was settled.",
                "Every item is worked on exactly once.",
                line=one.line,
                at=one.start,
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
                line=last_line(error),
                at=event.at,
                task=event.task,
            )
    if joins and trace.puts and joins[0].at <= trace.puts[0].at and joins[0].data[1] == 0:
        return JOIN_BEFORE_PUT(
            f"join() was awaited (line {joins[0].line}) before anything was put into the queue: "
            f"nothing was unfinished yet, so it did not wait, and {_numbers(trace, missing)} "
            "never got finished.",
            asks,
            line=joins[0].line,
        )
    misread = _misread(trace, missing)
    if misread is not None:
        return misread
    returned = f"run_pipeline returned at {trace.clock:.3f} s"
    for item in missing:
        twin = twin_of(trace, item) if item in taken else None
        if twin is not None and (item not in begun or len(missing) == 1):
            what = "never worked on" if item not in begun else "not waited for"
            return EQUAL_ITEMS_MERGED(
                f"One of two items {trace.name(item)!r} was {what}: it was taken for the "
                "other, which is equal.",
                "Two equal items are two items.",
            )
    thrown = [item for item in missing if item in taken and _thrown_away(trace, item)]
    if thrown:
        return DROPS_ITEMS(
            f"{_numbers(trace, thrown).capitalize()} {'was' if len(thrown) == 1 else 'were'} "
            "taken from the source, and thrown away without being worked on.",
            "Nothing is thrown away: when the queue is full, the producer waits.",
        )
    naps = [e for e in trace.of("timer") if e.task == 1]
    if unfinished and naps:
        mistake, how = _impatience(trace, naps)
        return mistake(
            f"{returned} while {_numbers(trace, unfinished)} "
            f"{'was' if len(unfinished) == 1 else 'were'} still being worked on: "
            f"{how}{lines([naps[-1].line])}.",
            f"{asks} An empty queue is not finished work: join() waits for both.",
            line=naps[-1].line,
        )
    if unfinished:
        return RETURNS_WITHOUT_WAITING(
            f"{returned} while {_numbers(trace, unfinished)} "
            f"{'was' if len(unfinished) == 1 else 'were'} still being worked on.",
            asks,
        )
    return RETURNS_WITHOUT_WAITING(
        f"{returned}, and {_numbers(trace, missing)} {'was' if len(missing) == 1 else 'were'} "
        "never begun.",
        asks,
    )


def _misread(trace: Trace, missing: list[int]) -> Misconception | None:
    """The failure if the source was used up before the first put, or one item replaced another."""
    if not trace.puts and not trace.tries and trace.of("drained"):
        return READS_ALL_ITEMS_FIRST(
            f"All {len(trace.taken)} items were taken from `items`{lines([trace.taken[-1].line])}, and "
            "then there was none left to put: a generator can be gone through only once.",
            "Take an item, put it, take the next: `items` may be any iterable, also an endless one.",
            line=trace.taken[-1].line,
        )
    repeated = _worked_on_twice(trace)
    if repeated is not None:
        return WORKS_ON_ANOTHER_ITEM(
            f"Item {trace.name(repeated)} was worked on {len(trace.tries_of(repeated))} times, and "
            f"{_numbers(trace, missing)} never.",
            "Every item is worked on exactly once. A function made in a loop sees the loop's variable "
            "as it is when it is called.",
            item=repeated,
        )
    return None


def _worked_on_twice(trace: Trace) -> int | None:
    """An item that was worked on again after it had succeeded."""
    items = {one.item for one in trace.tries}
    outcomes = [(item, [one.outcome for one in trace.tries_of(item)]) for item in sorted(items)]
    return next((item for item, ended in outcomes if "ok" in ended[:-1]), None)


def _impatience(trace: Trace, naps: Sequence[Any]) -> tuple[Mistake, str]:
    """How `run_pipeline` waited when it did not wait long enough: the mistake, and words for it."""
    if len(trace.of("join")) > len(trace.of("joined")):
        return JOIN_BOUNDED, "its join() was cut off by a timeout"
    if len([nap for nap in naps if nap.line == naps[-1].line]) == 1:
        return (
            SLEEP_INSTEAD_OF_JOIN,
            f"it had waited for {span(naps[-1].data[0])}, and not for the work",
        )
    return EMPTY_QUEUE_TAKEN_FOR_FINISHED, "it had looked again and again whether all was done"


def _thrown_away(trace: Trace, item: int) -> bool:
    """Whether an item was never put although later ones were taken, or a producer took it out."""
    puts = [step for step in trace.puts if step.item == item]
    if not puts:
        known = any(step.item is not None for step in trace.puts)
        return (known and trace.taken[-1].data[0] > item) or (known and bool(trace.of("drained")))
    producers = {event.task for event in trace.taken}
    return any(step.item == item and step.task in producers for step in trace.gets)


def _numbers(trace: Trace, items: Sequence[int]) -> str:
    names = [trace.name(item) for item in items[:4]]
    more = f" and {len(items) - 4} more" if len(items) > 4 else ""
    return ("item " if len(items) == 1 else "items ") + ", ".join(names) + more
