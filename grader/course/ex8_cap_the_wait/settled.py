"""What is asked of items when they are settled: at once, counted, marked, and one at a time.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from grader.course.api import SAME_TIME, Failure, Trace, Try, lines
from grader.course.ex8_cap_the_wait.ceiling import sleep_line
from grader.course.ex8_cap_the_wait.mistakes import (
    LATE_SUCCESS_THROWN_AWAY,
    SLEEPS_BEFORE_GIVING_UP,
)
from grader.course.ex8_cap_the_wait.outage import COUNTS, Outage, by_item
from grader.course.mistakes.crew import GIVING_UP_ENDS_CONSUMER, WORK_RUNS_BESIDE_THE_CONSUMER

__all__ = [
    "all_begun",
    "counts_true",
    "given_up_at_once",
    "late_success_counts",
    "marked_once",
    "none_beside",
]

CLOCKS = 1.5 * SAME_TIME
"""Seconds: what is lost in differences of readings of some clock."""

ASKS_AT_ONCE = (
    "When the pause that was drawn would end later than the deadline, the item is given up on at once, "
    "without sleeping."
)


def given_up_at_once(trace: Trace, scenario: Outage) -> None:
    """The consumer has done with an item that it gives up on when the last try has failed."""
    for tries in by_item(trace):
        last = tries[-1]
        if last.outcome != "transient" or last.end is None:
            continue
        free = _done_with(trace, last)
        if free is not None and free > last.end + CLOCKS:
            line = sleep_line(trace, last.task, last.end)
            raise SLEEPS_BEFORE_GIVING_UP(
                f"Try {last.number} of item {trace.name(last.item)} failed at {last.end:.3f} s and was "
                f"its last; the item was given up on only at {free:.3f} s{lines([line])}"
                f"{_at_its_deadline(scenario, tries[0], free)}.",
                ASKS_AT_ONCE,
                line=line,
                at=last.end,
                task=last.task,
                item=last.item,
            ).about(trace)


def _at_its_deadline(scenario: Outage, first: Try, at: float) -> str:
    deadline = scenario.options["deadline"]
    if deadline is not None and abs(first.start + deadline - at) < 10 * CLOCKS:
        return ", just at its deadline"
    return ""


def _done_with(trace: Trace, last: Try) -> float | None:
    """When its consumer marked the item as done, or else asked for the next one; None if not known."""
    got = next((step for step in trace.gets if step.item == last.item), None)
    if got is None:
        return None
    later = [e for e in trace.events[got.order + 1 :] if e.task == got.task]
    for event in later:
        if event.kind in ("done", "get_wait", "get"):
            return event.at if event.at >= (last.end or 0.0) - CLOCKS else None
    return None


def late_success_counts(trace: Trace, scenario: Outage) -> None:
    """A success counts as one, also after the deadline."""
    deadline = scenario.options["deadline"]
    said, true = trace.stats or {}, _true(trace)
    for tries in by_item(trace):
        last = tries[-1]
        late = (
            deadline is not None and last.end is not None and last.end > tries[0].start + deadline
        )
        if last.outcome == "ok" and late and said.get("consumed") != true["consumed"]:
            raise LATE_SUCCESS_THROWN_AWAY(
                f"Item {trace.name(last.item)} succeeded at {last.end:.3f} s, after its deadline at "
                f"{tries[0].start + deadline:.3f} s, and did not count: stats says consumed "
                f"{said.get('consumed')!r:.20} and failed {said.get('failed')!r:.20} where it should say "
                f"{true['consumed']} and {true['failed']}.",
                "A try that is running may end after the deadline, and counts as what it is.",
                at=last.end,
                task=last.task,
                item=last.item,
            ).about(trace)


def all_begun(trace: Trace, scenario: Outage) -> None:
    """Every item was tried, whatever became of those before it."""
    tried = {one.item for one in trace.tries}
    for item in range(len(scenario.jobs)):
        if item in tried:
            continue
        seen = f"Item {trace.name(item)} was never tried"
        asks = "Giving up on one item never stops the consumer: it takes the next."
        for last in (tries[-1] for tries in by_item(trace)):
            end = trace.ending(last.task)
            if (
                end is not None
                and end.data[0] == "returned"
                and last.outcome == "transient"
                and abs(end.at - (last.end or 0.0)) < CLOCKS
            ):
                raise GIVING_UP_ENDS_CONSUMER(
                    f"{seen}: {trace.label(last.task)} ended at {end.at:.3f} s, when it had given up on "
                    f"item {trace.name(last.item)}.",
                    asks,
                    at=end.at,
                    task=last.task,
                    item=last.item,
                ).about(trace)
        raise Failure(f"{seen}.", asks, item=item).about(trace)


def none_beside(trace: Trace, scenario: Outage) -> None:
    """As many items at most are in work as there are consumers, from the first try to the last."""
    spans = [(tries[0], tries[-1]) for tries in by_item(trace)]
    for first, _ in spans:
        open_ = [
            last
            for other, last in spans
            if other.order < first.order and (last.end_order or len(trace.events)) > first.order
        ]
        if len(open_) >= len(scenario.names):
            last = open_[0]
            crew = f"{len(scenario.names)} consumer{'s' if len(scenario.names) > 1 else ''}"
            raise WORK_RUNS_BESIDE_THE_CONSUMER(
                f"Item {trace.name(first.item)} was begun at {first.start:.3f} s, while item "
                f"{trace.name(last.item)} was still being worked on, with {crew}.",
                "A consumer holds one item at a time, until it is settled: a try that is running is "
                "waited for, also after the deadline.",
                line=first.line,
                at=first.start,
                task=first.task,
                item=first.item,
            ).about(trace)


def _true(trace: Trace) -> dict[str, int]:
    """The counts as the tries say, when every item is settled by its last try."""
    lasts = [tries[-1] for tries in by_item(trace)]
    return {
        "consumed": sum(one.outcome == "ok" for one in lasts),
        "retried": sum(one.number > 1 for one in trace.tries),
        "failed": sum(one.outcome == "transient" for one in lasts),
    }


def counts_true(trace: Trace, scenario: Outage) -> None:
    """The three counts are what the tries say."""
    said, true = trace.stats or {}, _true(trace)
    for key in COUNTS:
        if said.get(key) != true[key]:
            raise Failure(
                f'stats["{key}"] is {said.get(key)!r:.40} where it should be {true[key]}, with '
                f"{len(scenario.names)} consumers in an outage.",
                "consumed: successes; retried: retries made; failed: items given up on, for want of "
                "tries or of time.",
                at=trace.clock,
            ).about(trace)


def marked_once(trace: Trace) -> None:
    """`task_done()` was called once for each item, never for more than were settled."""
    quiet = next((n for n, e in enumerate(trace.events) if e.kind == "quiet"), len(trace.events))
    marks = [step for step in trace.dones if step.order < quiet]
    ends = sorted(tries[-1].end_order or quiet for tries in by_item(trace))
    asks = "q.task_done() once per item, after it is settled."
    for count, mark in enumerate(marks, start=1):
        settled = sum(end < mark.order for end in ends)
        if count > settled:
            raise Failure(
                f"task_done() was called at {mark.at:.3f} s for the {_nth(count)} time, when "
                f"{settled} items were settled.",
                asks,
                line=mark.line,
                at=mark.at,
                task=mark.task,
            ).about(trace)
    if len(marks) < len(ends):
        raise Failure(
            f"{len(ends)} items were settled, and task_done() was called {len(marks)} times.", asks
        ).about(trace)


def _nth(count: int) -> str:
    last = "th" if 10 < count % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th")
    return f"{count}{last}"
