"""The mistake behind a fault: the one with which a circuit explains all runs, or what was seen."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from grader.course.api import Failure, Misconception, Mistake, Try, lines, span
from grader.course.ex14_break_the_circuit.mistakes import (
    CIRCUIT_FOR_EACH_CONSUMER,
    CIRCUIT_NEVER_OPENS,
    CIRCUIT_REPLACES_THE_PAUSE,
    COUNT_NOT_RESET,
    EVERYBODY_PROBES,
    FAILED_PROBE_DOES_NOT_REOPEN,
    FAILURES_COUNTED_APART,
    HELD_UP_WHILE_CLOSED,
    IGNORES_COOLDOWN,
    IGNORES_THRESHOLD,
    LATE_RESULTS_CHANGE_THE_CIRCUIT,
    NEVER_LET_ON,
    POLLS_THE_CIRCUIT,
    PROBE_COMES_LATE,
    SOME_FAILURES_NOT_COUNTED,
    THRESHOLD_OFF_BY_ONE,
    TRIES_WHILE_OPEN,
    WAITS_ADD_UP,
    WRONG_COOLDOWN,
)
from grader.course.ex14_break_the_circuit.policies import HALF, OPEN, Policy, State, subsets
from grader.course.ex14_break_the_circuit.replay import Fault, fault_of
from grader.course.ex14_break_the_circuit.weather import SLACK, Run, Runs
from grader.course.mistakes.crew import STATE_SHARED_BETWEEN_RUNS, WORK_RUNS_BESIDE_THE_CONSUMER
from grader.trace import Event

__all__ = [
    "circuit_holds",
    "explained",
    "first_fault",
    "never_more_at_once",
    "pauses_kept",
    "right_alone",
]


def circuit_holds(runs: Runs) -> None:
    """Each try began when the circuit allowed it: none earlier, and none that was ready later."""
    run = first_fault(runs)
    if run is not None and (fault := fault_of(run)) is not None:
        seen, asks = _words(run, fault)
        late = [_late_result(one, found) for one in runs if (found := fault_of(one)) is not None]
        if all(late):
            told = f"{seen[:-1]}: {late[0]}."
            raise _shown(LATE_RESULTS_CHANGE_THE_CIRCUIT(told, asks), fault).about(run.trace)
        if _large_thresholds_never_reached(runs):
            told = f"{seen[:-1]}: a threshold as large as this one never opens it."
            raise _shown(CIRCUIT_NEVER_OPENS(told, asks), fault).about(run.trace)
        if (timer := _polls(run, fault)) is not None:
            told = (
                f"{seen[:-1]}: {run.trace.label(timer.task)} looked again and again, after "
                f"{span(timer.data[0])} each time{lines([timer.line])}."
            )
            failure = POLLS_THE_CIRCUIT(told, asks, line=timer.line)
            raise _shown(failure, fault).about(run.trace)
        mistake = _by_what_was_seen(run, fault)
        if mistake is WAITS_ADD_UP:
            seen = f"{seen[:-1]}: its pause came on top of the wait for the circuit."
        raise _shown(mistake(seen, asks), fault).about(run.trace)


def explained(runs: Runs, evidence: Runs = ()) -> None:
    """Raise the mistake with which a circuit explains all runs, if some of them are wrong.

    evidence: further runs, which it has to explain as well.
    """
    run = first_fault(runs)
    if run is None or (fault := fault_of(run)) is None:
        return
    seen, asks = _words(run, fault)
    alone = [one for one in runs if not one.scenario.beside]
    if run.scenario.beside and alone:
        told = f"{seen} Runs that were alone were right."
        raise _shown(STATE_SHARED_BETWEEN_RUNS(told, _ANEW), fault).about(run.trace)
    for mistake, policy, words in _candidates(runs):
        if all(fault_of(one, policy) is None for one in (*runs, *evidence)):
            late = mistake is LATE_RESULTS_CHANGE_THE_CIRCUIT and _late_result(run, fault)
            told = f"{seen[:-1]}: {late or words}." if words else seen
            raise _shown(mistake(told, asks), fault).about(run.trace)


def first_fault(runs: Runs) -> Run | None:
    """The first run that leaves the way of a circuit, one that was alone before two at once."""
    faulty = [run for run in runs if fault_of(run) is not None]
    return min(faulty, key=lambda run: run.scenario.beside > 0, default=None)


def right_alone(run: Run, alone: Run) -> None:
    """A run that is wrong is wrong as well when nothing was run before."""
    fault = fault_of(run)
    if fault is not None and fault_of(alone) is None:
        told = f"{_words(run, fault)[0]} The same run was right when it was the first one."
        raise _shown(STATE_SHARED_BETWEEN_RUNS(told, _ANEW), fault).about(run.trace)


_ANEW = "Each run of run_pipeline has a circuit of its own, which is closed at first."


def never_more_at_once(runs: Runs) -> None:
    """No more than `consumers` tries run at once."""
    for run in runs:
        for _, tries in run.calls:
            for one in tries:
                at_once = [t for t in tries if t.order <= one.order < (t.end_order or math.inf)]
                if len(at_once) > run.scenario.consumers:
                    raise WORK_RUNS_BESIDE_THE_CONSUMER(
                        f"At {one.start:.3f} s {len(at_once)} tries ran at once, with consumers="
                        f"{run.scenario.consumers}.",
                        "Each consumer works on one item at a time.",
                        at=one.start,
                        task=one.task,
                        line=one.line,
                    ).about(run.trace)


def pauses_kept(runs: Runs) -> None:
    """No retry begins before its pause is over."""
    for run in runs:
        for retry in run.trace.retries:
            least, most = run.scenario.pause(retry.number)
            if retry.pause >= least - SLACK:
                continue
            again = run.trace.tries_of(retry.item)[retry.number]
            opened = _opened_before(run, again.order)
            told = CIRCUIT_REPLACES_THE_PAUSE if opened else Failure
            raise told(
                f"Item {run.name(retry.item)} failed at {retry.start:.3f} s, and was tried again after "
                f"{retry.pause * 1000:.1f} ms"
                + (", as soon as the circuit let it." if opened else "."),
                f"A retry waits for its pause, {least * 1000:.1f}"
                + (f" to {most * 1000:.1f}" if most > least else "")
                + " ms here, and for the circuit: whichever is longer.",
                at=again.start,
                task=again.task,
                item=again.item,
                line=again.line,
            ).about(run.trace)


def _opened_before(run: Run, order: int) -> bool:
    """Whether enough tries in a row had failed by then for the circuit to open."""
    ended = [one for one in run.trace.tries if one.end_order is not None and one.end_order < order]
    row = 0
    for one in sorted(ended, key=lambda one: one.end_order or 0):
        row = row + 1 if one.outcome == "transient" else 0
        if row >= run.scenario.options["threshold"]:
            return True
    return False


# -- the mistake ------------------------------------------------------------------------------


def _candidates(runs: Runs) -> Iterator[tuple[Mistake, Policy, str]]:
    """Mistakes, each with the circuit that makes it, and words for it; the simplest first."""
    yield CIRCUIT_NEVER_OPENS, Policy(threshold=math.inf), "no failure ever holds the next try back"
    thresholds = {run.scenario.options["threshold"] for run in runs}
    yield (
        THRESHOLD_OFF_BY_ONE,
        Policy(shift=1),
        "one failure more than `threshold` opens the circuit",
    )
    yield (
        THRESHOLD_OFF_BY_ONE,
        Policy(shift=-1),
        "one failure less than `threshold` opens the circuit",
    )
    if thresholds != {5}:
        yield IGNORES_THRESHOLD, Policy(threshold=5), "5 failures in a row open the circuit, always"
    if {run.scenario.options["cooldown"] for run in runs} != {1.0}:
        yield IGNORES_COOLDOWN, Policy(cooldown=1.0), "the circuit is open for 1 s, always"
    yield COUNT_NOT_RESET, Policy(resets=False), "a success did not start the count anew"
    words = "the count was still there when the probe had succeeded"
    yield COUNT_NOT_RESET, Policy(after_probe=1), words
    counted = "some failed tries are not counted"
    yield (
        SOME_FAILURES_NOT_COUNTED,
        Policy(counts=lambda one, most: one.number >= most),
        ("only items that were given up on are counted"),
    )
    yield (
        SOME_FAILURES_NOT_COUNTED,
        Policy(counts=lambda one, _most: one.number == 1),
        ("only first tries are counted"),
    )
    yield SOME_FAILURES_NOT_COUNTED, Policy(counts=lambda one, _most: one.number > 1), counted
    yield (
        SOME_FAILURES_NOT_COUNTED,
        Policy(counts=lambda one, most: one.number < most),
        ("an item's last try is not counted"),
    )
    for way in ("anew", "kept"):
        words = "after the cooldown every try was let through, not one alone"
        yield EVERYBODY_PROBES, Policy(unlimited=way), words
    for late in subsets():
        words = "a try that had been running when it opened changed the circuit"
        yield LATE_RESULTS_CHANGE_THE_CIRCUIT, Policy(late=late), words
    for way in ("closes", "goes on"):
        yield FAILED_PROBE_DOES_NOT_REOPEN, Policy(failed_probe=way), ""
    words = "the cooldown was counted from the beginning of the "
    yield WRONG_COOLDOWN, Policy(begins="all"), words + "try"
    yield WRONG_COOLDOWN, Policy(begins="probes"), words + "probe"
    yield WRONG_COOLDOWN, Policy(grows=2.0), "each probe that failed doubled the cooldown"
    yield CIRCUIT_FOR_EACH_CONSUMER, Policy(own=True), "each consumer counts its own failures"
    words = "each consumer counts its own failures"
    yield FAILURES_COUNTED_APART, Policy(apart=lambda one: one.task), words
    words = "the failures of each item are counted apart"
    yield FAILURES_COUNTED_APART, Policy(apart=lambda one: one.item), words
    yield FAILURES_COUNTED_APART, Policy(number=True), words


def _by_what_was_seen(run: Run, fault: Fault) -> Mistake:
    one, state = fault.one, fault.state
    if fault.kind == "begun":
        if state.kind == HALF:
            return EVERYBODY_PROBES
        return (
            WRONG_COOLDOWN if one is not None and _was_held(run, one, state) else TRIES_WHILE_OPEN
        )
    if one is not None and one.number > 1:
        failed = run.trace.tries_of(one.item)[one.number - 2]
        least, most = run.scenario.pause(failed.number)
        over = (failed.end or 0.0) + most < fault.at - SLACK
        if over and least - SLACK <= one.start - fault.at <= most + SLACK:
            return WAITS_ADD_UP
    if run.trace.how == "deadlock":
        return NEVER_LET_ON
    return PROBE_COMES_LATE if state.kind == OPEN else HELD_UP_WHILE_CLOSED


def _large_thresholds_never_reached(runs: Runs) -> bool:
    """Whether the circuit never opens where the threshold is larger than in all runs that are right."""
    wrong = [run for run in runs if fault_of(run) is not None]
    fine = [run.scenario.options["threshold"] for run in runs if run not in wrong]
    return all(
        run.scenario.options["threshold"] > max(fine, default=math.inf)
        and fault_of(run, Policy(threshold=math.inf)) is None
        for run in wrong
    )


def _late_result(run: Run, fault: Fault) -> str:
    """Words for a try that was running when the circuit opened, and whose end explains the fault."""
    state, cooldown = fault.state, _cooldown(run)
    for late in run.trace.tries:
        if late.end is None or not late.order < state.opened < (late.end_order or 0):
            continue
        ended = f"item {run.name(late.item)} had been running since {late.start:.3f} s, and "
        closed = fault.kind == "begun" and late.end <= fault.at + SLACK
        if closed and late.outcome == "ok" and late.end > state.since + SLACK:
            return f"{ended}succeeded at {late.end:.{_digits(fault)}f} s"
        if closed and late.outcome == "transient" and late.end > fault.at - SLACK:
            return f"{ended}failed at {late.end:.{_digits(fault)}f} s"
        began = fault.one.start if fault.one is not None else math.inf
        longer = fault.kind == "missing" and abs(late.end + cooldown - began) < SLACK
        if longer and late.outcome == "transient":
            return f"{ended}failed at {late.end:.3f} s"
    return ""


def _polls(run: Run, fault: Fault) -> Event | None:
    """A timer that fired again and again before a try that came too late; None if there is none."""
    if fault.kind != "missing" or fault.one is None:
        return None
    failed = [one.end for one in run.trace.tries if one.end is not None]
    fired: Counter[tuple[int, int | None, float]] = Counter()
    for timer in run.trace.of("timer"):
        slept = timer.at - timer.data[0]
        if any(abs(slept - end) < SLACK for end in failed):  # a pause
            continue
        if timer.task and fault.state.since < timer.at <= fault.one.start + SLACK:
            fired[timer.task, timer.line, round(timer.data[0], 5)] += 1
            if fired[timer.task, timer.line, round(timer.data[0], 5)] > 3:
                return timer
    return None


def _was_held(run: Run, one: Try, state: State) -> bool:
    """Whether a try that began while the circuit was open was ready for some time before."""
    if one.number > 1:
        failed = run.trace.tries_of(one.item)[one.number - 2]
        ready = (failed.end or 0.0) + run.scenario.pause(failed.number)[1]
    else:
        before = [t.end for t in run.trace.tries if t.task == one.task and t.order < one.order]
        ready = max((end for end in before if end is not None), default=0.0)
    return one.start - max(ready, state.since) > SLACK


def _cooldown(run: Run) -> float:
    cooldown: float = run.scenario.options["cooldown"]
    return cooldown


# -- words ------------------------------------------------------------------------------------


def _shown(failure: Misconception, fault: Fault) -> Misconception:
    """The failure, with where the timeline is to point."""
    one = fault.one
    begun = one is not None and fault.kind == "begun"
    if one is not None and begun:
        failure.line = one.line
    return failure.showing(
        at=fault.at,
        task=one.task if one is not None else None,
        item=one.item if one is not None and begun else fault.item,
    )


def _words(run: Run, fault: Fault) -> tuple[str, str]:
    """What was seen, and what is asked."""
    state, given = fault.state, run.scenario.options
    settings = f"threshold={given['threshold']}, cooldown={given['cooldown']:g}"
    row = f"{given['threshold']} tries in a row have" if given["threshold"] > 1 else "a try has"
    if fault.kind == "begun" and fault.one is not None:
        digits = _digits(fault)
        began = f"item {run.name(fault.one.item)} was tried at {fault.at:.{digits}f} s"
        if state.kind == HALF:
            probe = next(t for t in run.trace.tries if t.order == state.probe)
            end = f" and ended at {probe.end:.3f} s" if probe.end is not None else ""
            first = f"The probe, item {run.name(probe.item)}, began at {probe.start:.3f} s{end}"
            return f"{first}, and {began}.", (
                f"With {settings}: when the cooldown is over exactly one try begins, and all others wait "
                "for what becomes of it."
            )
        opened = f"The circuit had to open at {state.since:.{digits}f} s"
        seen = f"{opened}, {_why(run, state)}, and {began}."
        return seen, (
            f"With {settings}: when {row} failed, no try begins for {given['cooldown']:g} s: not "
            f"before {state.until:.3f} s."
        )
    what = (
        "an item that had not been tried yet, and a consumer free for it"
        if fault.item is None
        else f"item {run.name(fault.item)}, whose pause was over"
    )
    then = (
        f"the next try began only at {fault.one.start:.3f} s"
        if fault.one is not None
        else "no try ever began again"
    )
    if run.trace.how == "deadlock":
        then += (
            ": run_pipeline waits for ever"
            if fault.one is None
            else (f", and at {run.trace.clock:.3f} s run_pipeline waited for ever")
        )
    if state.kind == OPEN:
        seen = f"From {fault.at:.3f} s on the probe was due: there was {what}, and {then}."
        return seen, (
            f"With {settings}: {given['cooldown']:g} s after the failure at {state.since:.3f} s one try "
            "begins at once if an item is ready, else with the next that gets ready."
        )
    again = " again" if state.opened >= 0 else ""
    count = f", after {state.row} of {given['threshold']} failures in a row" if state.row else ""
    seen = f"At {fault.at:.3f} s the circuit had to be closed{again}{count}"
    return (
        f"{seen}: there was {what}, and {then}.",
        f"With {settings}: while the circuit is closed, nothing that is ready waits.",
    )


def _digits(fault: Fault) -> int:
    """The digits after the point that tell the fault's two moments apart; 3 if they are one."""
    since, at = fault.state.since, fault.at
    return next((n for n in range(3, 7) if f"{since:.{n}f}" != f"{at:.{n}f}"), 3)


def _why(run: Run, state: State) -> str:
    """Words for what opened the circuit."""
    last = next(t for t in run.trace.tries if t.end_order == state.opened)
    threshold = run.scenario.options["threshold"]
    if state.probes:
        return f"when the probe, item {run.name(last.item)}, had failed"
    if threshold == 1:
        return f"when item {run.name(last.item)} had failed"
    return f"when {threshold} tries in a row had failed"
