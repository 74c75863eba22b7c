"""What a pipeline does when it is told to stop, question by question.

Each function raises `Failure` with the evidence, or returns when all is well. `told_well` asks them in
the order in which one mistake explains the next.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from grader.course.api import Failure, Mistake, Try, lines, span
from grader.course.ex10_stop_when_told.account import accounted
from grader.course.ex10_stop_when_told.ending import returned_in_time
from grader.course.ex10_stop_when_told.mistakes import (
    BEGINS_AFTER_STOP,
    GRACE_TOO_LONG,
    GRACE_TOO_SHORT,
    IGNORES_GRACE,
    IGNORES_STOP,
    NO_RETRIES_IN_THE_GRACE,
    PAUSE_CUT_BY_STOP,
    STOP_CUTS_CLEAN_UP,
    STOPS_AT_ONCE,
    TAKES_AFTER_STOP,
    ZERO_GRACE,
)
from grader.course.ex10_stop_when_told.told import CLOCK, Facts, Runs
from grader.course.ex10_stop_when_told.waking import never_polls, works_until_told
from grader.course.ex10_stop_when_told.words import anew_words, item_words, stop_words
from grader.course.mistakes.errors import SWALLOWS_CANCELLATION
from grader.course.mistakes.tries import OWN_TIMEOUT_ADDED

__all__ = ["in_hand_go_on", "nothing_new", "told_well"]

IN_HAND = "Items in hand go on for grace seconds from `stop`, retries included"


def told_well(runs: Runs, upto: Callable[[Runs], None] | None = None) -> None:
    """Everything about runs that were told to stop; `upto`: the last question to ask."""
    for ask in QUESTIONS:
        ask(runs)
        if ask is upto:
            return


# -- after the stop --------------------------------------------------------------------------


def nothing_new(runs: Runs) -> None:
    """After `stop` no item is taken, and no first try begins."""
    for scenario, trace in runs:
        facts = Facts(trace, scenario)
        took = [e for e in facts.taken.values() if e.at > facts.stop + CLOCK]
        began = [one for one in facts.began.values() if one.start > facts.stop + CLOCK]
        began = sorted((one for one in began if one.item < facts.first), key=lambda one: one.start)
        if not took and not began:
            continue
        seen = f"run_pipeline was {stop_words(scenario)}"
        if took and began and len(facts.taken) == facts.first == len(facts.began):
            raise IGNORES_STOP(
                f"{seen}, and went on until all {facts.first} items were taken and begun.",
                "After `stop` nothing is taken and nothing is begun.",
                at=took[0].at,
                task=took[0].task,
                line=took[0].line,
            ).about(trace)
        if took:
            before = "already set when run_pipeline was called" if scenario.begins else "set"
            raise TAKES_AFTER_STOP(
                f"{seen}, and {item_words(trace, took[0].data[0])} was taken at {took[0].at:.3f} s"
                f"{lines([took[0].line])}.",
                f"When `stop` is {before}, no further item is taken from `items`.",
                at=took[0].at,
                task=took[0].task,
                item=took[0].data[0],
                line=took[0].line,
            ).about(trace)
        one = began[0]
        raise BEGINS_AFTER_STOP(
            f"{seen}, and the first try of {item_words(trace, one.item)} began at {one.start:.3f} s"
            f"{lines([one.line])}.",
            "After `stop` no item's first try begins: what waits is unfinished.",
            at=one.start,
            task=one.task,
            item=one.item,
            line=one.line,
        ).about(trace)


def in_hand_go_on(runs: Runs) -> None:
    """Items in hand go on until they are settled or the grace is over, and then they are cancelled."""
    _grace_is_the_parameter(runs)
    for scenario, trace in runs:
        facts = Facts(trace, scenario)
        for item in facts.in_hand():
            for one in trace.tries_of(item):
                _ends_with_the_grace(facts, one)
            _tried_again(facts, item)
        _drawn_pauses_decide(facts)


def _grace_is_the_parameter(runs: Runs) -> None:
    told = [(scenario, trace) for scenario, trace in runs if scenario.stop is not None]
    offsets: dict[float, float] = {}
    for scenario, trace in told:
        facts = Facts(trace, scenario)
        cut = [facts.broken_off(one) for one in facts.tries()]
        ends = [at - facts.stop for at in cut if at is not None]
        if ends:
            offsets[float(scenario.options["grace"])] = round(max(ends), 4)
    wrong = [grace for grace, offset in offsets.items() if abs(grace - offset) > 1e-3]
    if (
        len(offsets) > 1
        and len({*offsets.values()}) == 1
        and next(iter(offsets.values()))
        and wrong
    ):
        after = next(iter(offsets.values()))
        scenario, trace = next(run for run in told if run[0].options["grace"] == wrong[0])
        raise IGNORES_GRACE(
            f"With grace={' or '.join(f'{grace:.3g}' for grace in offsets)} what was in hand was "
            f"cancelled {span(after)} after `stop`, each time.",
            "The parameter says how many seconds are granted.",
            at=(scenario.stop or 0.0) + after,
        ).about(trace)


def _ends_with_the_grace(facts: Facts, one: Try) -> None:
    trace, scenario = facts.trace, facts.scenario
    item, over = item_words(trace, one.item), facts.over
    asks = f"{IN_HAND}: until {over:.3f} s. Then what is left is cancelled."
    seen = f"run_pipeline was {stop_words(scenario)}. "
    at = one.start
    place: dict[str, Any] = {"task": one.task, "item": one.item}
    if at > over + CLOCK:
        raise _too_long(facts, f"Try {one.number} of {item} began at {at:.3f} s", asks, at, one)
    _pause_was_whole(facts, one)
    broken = facts.broken_off(one)
    end = broken if broken is not None else one.end
    if end is None and trace.how == "returned":
        return  # it is left behind
    if end is None or end > over + CLOCK:
        how = f"went on until {end:.3f} s" if end is not None else "was never cancelled"
        raise _too_long(facts, f"Try {one.number} of {item} {how}", asks, over, one)
    if broken is not None and broken < over - CLOCK:
        seen += f"Try {one.number} of {item} was cancelled at {broken:.3f} s, "
        mistake: Mistake = GRACE_TOO_SHORT
        if broken < facts.stop - CLOCK:
            mistake, left = OWN_TIMEOUT_ADDED, "before the stop"
        else:
            left = f"when {over - broken:.3f} s of the grace were left"
            mistake = STOPS_AT_ONCE if broken <= facts.stop + CLOCK else GRACE_TOO_SHORT
        raise mistake(f"{seen}{left}.", asks, at=broken, **place).about(trace)
    again = [t for t in trace.tries_of(one.item) if t.number == one.number + 1]
    if broken is not None and again:
        raise SWALLOWS_CANCELLATION(
            f"{seen}Try {one.number} of {item} was cancelled at {broken:.3f} s, when the grace was "
            f"over, and at {again[0].start:.3f} s it was tried again{lines([again[0].line])}.",
            "A try that is cancelled ends with CancelledError, which is neither a failure nor retried: "
            "it leaves the consumer.",
            line=again[0].line,
            at=again[0].start,
            **place,
        ).about(trace)
    if broken is not None:
        _cleaned_up(facts, one, broken)


def _pause_was_whole(facts: Facts, one: Try) -> None:
    """The pause before this try was cut off neither by the stop nor by the end of the grace."""
    trace, scenario = facts.trace, facts.scenario
    item, at, over = item_words(trace, one.item), one.start, facts.over
    before = next((t for t in trace.retries_of(one.item) if t.number == one.number - 1), None)
    if before is None:
        return
    seen = f"run_pipeline was {stop_words(scenario)}. "
    longest = scenario.longest_pause(before.number)
    shortest = longest / (1 + scenario.options["jitter"])
    # One that could have been over at that very moment was not, if nothing cancelled the try either.
    least = (
        longest if facts.broken_off(one) is None and (one.end or 0.0) > over + CLOCK else shortest
    )
    if abs(at - over) <= CLOCK and before.pause < least - CLOCK:
        raise SWALLOWS_CANCELLATION(
            f"{seen}The pause of {item} was cut off when the grace was over, and try {one.number} began "
            f"at that moment{lines([one.line])}.",
            "A pause that is cancelled ends with CancelledError, which leaves the consumer.",
            line=one.line,
            at=at,
            task=one.task,
            item=one.item,
        ).about(trace)
    if at > facts.stop - CLOCK and before.pause < shortest - CLOCK:
        raise PAUSE_CUT_BY_STOP(
            f"{seen}Try {before.number} of {item} had failed at {before.start:.3f} s, and the next one "
            f"began {before.pause:.3f} s later{lines([one.line])}.",
            f"Pauses are as before, also in the grace: at least {shortest:.3f} s.",
            line=one.line,
            at=at,
            task=one.task,
            item=one.item,
        ).about(trace)


def _cleaned_up(facts: Facts, one: Try, broken: float) -> None:
    trace, scenario = facts.trace, facts.scenario
    if one.end is None or one.end - broken >= scenario.cleanup - CLOCK:
        return
    raise STOP_CUTS_CLEAN_UP(
        f"Try {one.number} of {item_words(trace, one.item)} was cancelled at {broken:.3f} s, when the "
        f"grace was over, and needed {scenario.cleanup:.6g} s to clean up: it was broken off after "
        f"{one.end - broken:.6g} s.",
        "What is cancelled is cancelled once, and has the time that it needs to clean up.",
        at=one.end,
        task=one.task,
        item=one.item,
    ).about(trace)


def _too_long(facts: Facts, what: str, asks: str, at: float, one: Try) -> Failure:
    scenario = facts.scenario
    mistake = GRACE_TOO_LONG if scenario.options["grace"] else ZERO_GRACE
    return mistake(
        f"run_pipeline was {stop_words(scenario)}. {what}{lines([one.line])}{anew_words(facts)}.",
        asks,
        at=at,
        task=one.task,
        item=one.item,
    ).about(facts.trace)


def _tried_again(facts: Facts, item: int) -> None:
    trace, scenario = facts.trace, facts.scenario
    last = facts.paused(item)
    if last is None or last.end is None:
        return
    back = last.end + scenario.longest_pause(last.number)
    if back < facts.over - CLOCK:
        raise NO_RETRIES_IN_THE_GRACE(
            f"run_pipeline was {stop_words(scenario)}. Try {last.number} of {item_words(trace, item)} "
            f"failed at {last.end:.3f} s, and it was never tried again, with attempts="
            f"{scenario.options['attempts']}.",
            f"{IN_HAND}: its pause would have been over by {back:.3f} s, and the grace was at "
            f"{facts.over:.3f} s.",
            at=last.end,
            task=last.task,
            item=item,
        ).about(trace)


def _drawn_pauses_decide(facts: Facts) -> None:
    """Of many pauses that may be over in time or not, some are: not the longest that there is decides."""
    trace, scenario = facts.trace, facts.scenario
    open_to_chance: list[Try] = []
    all_too_long = 1.0  # the probability of that
    for one in facts.tries():
        if one.outcome != "transient" or one.end is None or one.end > facts.over:
            continue
        longest = scenario.longest_pause(one.number)
        shortest = longest / (1 + scenario.options["jitter"])
        left = facts.over - CLOCK - one.end
        if one.end + shortest > facts.stop and shortest < left < longest:
            if len(trace.tries_of(one.item)) > one.number:
                return
            open_to_chance.append(one)
            all_too_long *= (longest - left) / (longest - shortest)
    if open_to_chance and all_too_long < _NEVER:
        one, count = open_to_chance[0], len(open_to_chance)
        raise NO_RETRIES_IN_THE_GRACE(
            f"run_pipeline was {stop_words(scenario)}. {count} tries failed, that of "
            f"{item_words(trace, one.item)} at {one.end:.3f} s, and none was followed by another: "
            "it was not the pause that was drawn that decided, but the longest that there is.",
            f"{IN_HAND}: who drew a pause that is over by {facts.over:.3f} s is tried again.",
            at=one.end,
            task=one.task,
            item=one.item,
        ).about(trace)


_NEVER = 1e-10  # a probability so small that no right submission is told what is not so

QUESTIONS = (never_polls, works_until_told, nothing_new, in_hand_go_on, returned_in_time, accounted)
