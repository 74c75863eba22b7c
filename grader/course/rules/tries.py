"""Whether each item is tried until it succeeds or `attempts` tries have failed.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from grader.course.kit.failures import asked_of_trace
from grader.course.kit.lesson import Consume, Pipeline
from grader.course.mistakes.tries import IGNORES_ATTEMPTS, ONE_TRY_TOO_FEW, TRIES_RUN_AT_ONCE
from grader.course.rules.miscounts import expected_tries, too_few, too_many
from grader.course.rules.setting import options_of
from grader.course.rules.shapes import cut_off
from grader.trace import Trace

__all__ = ["attempts_respected", "never_cut_off", "none_abandoned", "settled_and_tried"]


@asked_of_trace
def settled_and_tried(trace: Trace, scenario: Consume | Pipeline) -> None:
    """Each item is tried until it succeeds or `attempts` tries have failed, and no more."""
    attempts = options_of(scenario)[0]
    _never_two_tries_at_once(trace)
    never_cut_off(trace, scenario)
    for index, job in enumerate(scenario.jobs):
        if job.error is not None:
            continue
        tries = trace.tries_of(index)
        wished = expected_tries(job, attempts)
        if len(tries) > wished:
            raise too_many(trace, index, job, tries, attempts).showing(item=index)
        if len(tries) < wished:
            raise too_few(trace, scenario, index, tries).showing(item=index)


@asked_of_trace
def none_abandoned(trace: Trace, scenario: Consume | Pipeline) -> None:
    """No consumer asks for the next item while its last one still has tries left."""
    attempts = options_of(scenario)[0]
    asked = {
        event.task: order
        for order, event in enumerate(trace.events)
        if event.kind.startswith("get")
    }
    for item in {one.item for one in trace.tries}:
        *_, last = trace.tries_of(item)
        left = last.end_order is not None and asked.get(last.task, -1) > last.end_order
        if left and last.outcome == "transient" and last.number < attempts:
            raise too_few(trace, scenario, item, trace.tries_of(item)).showing(item=item)


def _never_two_tries_at_once(trace: Trace) -> None:
    for item in {one.item for one in trace.tries}:
        for one, following in pairwise(trace.tries_of(item)):
            if one.end_order is None or following.order < one.end_order:
                raise TRIES_RUN_AT_ONCE(
                    f"Try {following.number} of item {trace.name(item)} began at "
                    f"{following.start:.3f} s, while try {one.number} was still running.",
                    "An item is tried again only after a try of it has failed.",
                    line=following.line,
                    at=following.start,
                )


def never_cut_off(trace: Trace, scenario: Consume | Pipeline) -> None:
    """With consumers alone, no try is ended by a timeout in the learner's code."""
    found = cut_off(trace, scenario) if isinstance(scenario, Consume) else None
    if found is not None:
        raise found


def attempts_respected(runs: Sequence[tuple[Consume, Trace]]) -> None:
    """The number of tries follows `attempts`; the first item of each run must always fail."""
    counts = {len(trace.tries_of(0)) for _, trace in runs}
    if len(runs) > 1 and len(counts) == 1 and counts != {0}:
        asked = " or ".join(str(scenario.options["attempts"]) for scenario, _ in runs)
        count = counts.pop()
        others = [trace for one, trace in runs if one.options["attempts"] != count]
        raise IGNORES_ATTEMPTS(
            f"With attempts={asked} an item that always fails was tried {count} "
            f"time{'s' if count > 1 else ''}, whatever attempts says.",
            "The parameter says how many tries there are in all.",
        ).about([*others, runs[0][1]][0])
    short = {scenario.options["attempts"] - len(trace.tries_of(0)) for scenario, trace in runs}
    if short == {1}:
        asked = ", ".join(str(scenario.options["attempts"]) for scenario, _ in runs)
        got = ", ".join(str(len(trace.tries_of(0))) for _, trace in runs)
        raise ONE_TRY_TOO_FEW(
            f"With attempts={asked} an item that always fails was tried {got} times.",
            "attempts counts all tries, the first one and the last one, too.",
            line=next((one.line for _, trace in runs for one in trace.tries[-1:]), None),
        ).about(runs[0][1])
    for scenario, trace in runs:
        settled_and_tried(trace, scenario)
