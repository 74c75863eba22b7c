"""Whether a try begins when it may, and if not, by which mistake; and whether waiting is awaiting.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from itertools import pairwise

from grader.course.api import SAME_TIME, Misconception, Try, lines
from grader.course.ex12_listen_to_the_service.listening import too_late
from grader.course.ex12_listen_to_the_service.mistakes import (
    POLLS_FOR_A_TURN,
    RATE_IS_A_CONSTANT,
    RETRY_AFTER_HOLDS_UP_ALL,
    SLOWER_THAN_THE_RATE,
)
from grader.course.ex12_listen_to_the_service.rate import is_a_constant
from grader.course.ex12_listen_to_the_service.rests import Rest, rests_too_long
from grader.course.ex12_listen_to_the_service.service import SLACK, Run, Runs
from grader.course.mistakes.crew import STATE_SHARED_BETWEEN_RUNS, WORK_SERIALISED
from grader.course.mistakes.pauses import (
    SLEEPS_AFTER_LAST_FAILURE,
    WAITS_ONE_AT_A_TIME,
    WRONG_PAUSE,
)
from grader.trace import Event

__all__ = ["never_idle", "never_polls"]


def never_idle(runs: Runs) -> None:
    """While a try may begin, at most 1 / `rate` seconds pass until one does."""
    for run in runs:
        for rest in rests_too_long(run):
            raise _why_idle(rest, runs).about(run.trace)


def _why_idle(rest: Rest, runs: Runs) -> Misconception:
    run, scenario = rest.run, rest.run.scenario
    never_polls([run])  # who looks now and then is late
    if (idle := _idle_consumer(rest)) is not None:
        return idle
    if rest.due and not rest.waiting:
        late = too_late(run, rest.due[0])
        if late.mistake is not WRONG_PAUSE or len({retry.item for retry in run.heard.retries}) == 1:
            return late
    seen, asks = _seen(rest)
    held = _pause_that_ends_with(rest)
    if held is not None:
        failed, said = held
        what = "its retry_after" if said else "its pause"
        return (RETRY_AFTER_HOLDS_UP_ALL if said else WAITS_ONE_AT_A_TIME)(
            f"{seen}, when item {run.name(failed.item)} had waited for {what}.",
            "A pause binds the item that failed: its consumer waits, and the others go on.",
            at=rest.since,
            item=failed.item,
            line=failed.line,
        )
    if _goes_on_where_the_last_ended(runs):
        return STATE_SHARED_BETWEEN_RUNS(
            f"The first try began only at {run.heard.tries[0].start:.3f} s, with rate={scenario.rate}, "
            "although nothing had begun: it kept to the times of an earlier run.",
            "Each run keeps to the rate for itself: what counts the tries is made in run_pipeline.",
            at=rest.since,
        )
    if (constant := is_a_constant(runs)) is not None:
        return RATE_IS_A_CONSTANT(
            f"{seen}. Whatever the rate, {constant} tries began in a second at most.",
            asks,
            at=rest.since,
        )
    if rest.due and not rest.waiting:
        return too_late(run, rest.due[0])
    if rest.running == 1 and _taken_in_turns(rest):
        return WORK_SERIALISED(
            f"{seen}, when the one that was running had ended.",
            "The rate says how often a try begins, not how many run at once. " + asks,
            at=rest.since,
        )
    return SLOWER_THAN_THE_RATE(f"{seen}{_since_a_refusal(rest)}.", asks, at=rest.since)


def _goes_on_where_the_last_ended(runs: Runs) -> bool:
    """Whether each run's first try came only after the time of the last one of the run before it."""
    worked = [run.heard.tries for run in runs if run.heard.tries]
    pairs = [*pairwise(worked)]
    return bool(pairs) and all(one[-1].start <= after[0].start > SLACK for one, after in pairs)


def _seen(rest: Rest) -> tuple[str, str]:
    """What was seen, without a full stop, and what is asked."""
    scenario, gap = rest.run.scenario, 1 / rest.run.scenario.rate
    seen = (
        f"At {rest.since:.3f} s {_ready(rest)}, {rest.running} of {scenario.consumers} consumers "
        f"{'was' if rest.running == 1 else 'were'} at work, and {rest.lately} "
        f"tr{'y' if rest.lately == 1 else 'ies'} had begun in the last second, with "
        f"rate={scenario.rate}. The next began only at {rest.until:.3f} s"
    )
    return (
        seen,
        f"When nothing stands against it, a try begins after at most 1 / rate = {gap:.4g} s.",
    )


def _ready(rest: Rest) -> str:
    if rest.due:
        return f"item {rest.run.name(rest.due[0].item)} was ready to be tried again"
    return "an item was waiting"


def _idle_consumer(rest: Rest) -> Misconception | None:
    """The failure for a consumer that sleeps though it holds no item, and so holds up others."""
    run, (seen, asks) = rest.run, _seen(rest)
    if (nap := _nap_after_giving_up(rest)) is not None:
        return SLEEPS_AFTER_LAST_FAILURE(
            f"{seen}: {run.trace.label(nap.task)} slept for {nap.data[0]:.6g} s{lines([nap.line])} when "
            "the last try of its item had failed.",
            "After the last try nothing is waited for: the consumer is free for the next item.",
            at=rest.since,
            task=nap.task,
            line=nap.line,
        )
    if (timer := _turn_for_nothing(rest)) is not None:
        return SLOWER_THAN_THE_RATE(
            f"{seen}: at {timer.at:.3f} s {run.trace.label(timer.task)}'s turn had come"
            f"{lines([timer.line])}, and it had no item to try.",
            f"A consumer waits for its turn when it holds an item, right before the try. {asks}",
            at=rest.since,
            task=timer.task,
            line=timer.line,
        )
    return None


def _nap_after_giving_up(rest: Rest) -> Event | None:
    """The timer of a consumer that slept on after an item's last try, until the rest was over."""
    tries = [t for t in rest.run.heard.tries if t.outcome == "transient" and rest.run.settles(t)]
    for timer in rest.run.trace.of("timer") if rest.waiting else ():
        began, over = timer.at - timer.data[0], rest.until - 1 / rest.run.scenario.rate - SLACK
        covers = began <= rest.since + SLACK and timer.at >= max(over, rest.since + SLACK)
        if covers and any(
            t.task == timer.task and abs((t.end or 0.0) - began) < SLACK for t in tries
        ):
            return timer
    return None


def _turn_for_nothing(rest: Rest) -> Event | None:
    """The first timer of a consumer that, woken by it, had to wait for an item."""
    trace = rest.run.trace
    workers = {one.task for one in trace.tries}
    last: dict[int, Event] = {}
    for event in trace.of("timer", "get_wait", "get", "begin", "finish"):
        before = last.get(event.task)
        if event.kind == "get_wait" and before is not None and before.kind == "timer":
            lately = rest.since - 1 < before.at <= rest.until
            if lately and event.task in workers:
                return before
        last[event.task] = event
    return None


def _since_a_refusal(rest: Rest) -> str:
    """Words for a refused try after which none has succeeded, if one came before the rest."""
    run = rest.run
    ended = sorted(
        (t.end, t.outcome, t.item, t.number) for t in run.heard.tries if t.end is not None
    )
    found = None
    for end, outcome, item, number in ended:
        if outcome == "ok" or end > rest.since + SLACK:
            break
        if run.scenario.refusal(item, number) is not None:
            found = (
                found or f": since item {run.name(item)} was refused at {end:.3f} s, fewer begin"
            )
    return found or ""


def _pause_that_ends_with(rest: Rest) -> tuple[Try, float | None] | None:
    """A try of another item, whose pause went on for as long as nothing began, and what it said."""
    run, scenario, ready = rest.run, rest.run.scenario, {retry.item for retry in rest.due}
    slack = (scenario.consumers + 1) / scenario.rate
    for retry in run.heard.retries:
        ended = retry.start + scenario.least(retry.item, retry.number) - SLACK
        latest = retry.start + scenario.most(retry.item, retry.number) + slack
        if retry.item not in rest.places or retry.item in ready:
            continue
        if retry.start <= rest.since + slack and rest.since + slack < ended <= rest.until <= latest:
            return run.heard.tries_of(retry.item)[retry.number - 1], run.refusal(retry)
    return _pause_that_began_late(rest)


def _pause_that_began_late(rest: Rest) -> tuple[Try, float | None] | None:
    """The same for a try whose pause began only when another one had let it, with no sleep before."""
    run, scenario = rest.run, rest.run.scenario
    slept = [(e.task, e.at - e.data[0], e.at) for e in run.trace.of("timer")]
    for retry in run.heard.retries:
        least = scenario.least(retry.item, retry.number) - SLACK
        most = scenario.most(retry.item, retry.number) + SLACK
        others = any(one.item != retry.item for one in rest.due)
        mine = [(since, until) for task, since, until in slept if task == retry.task]
        first = next(((a, b) for a, b in mine if a >= retry.start - SAME_TIME), (0.0, 0.0))
        late = first[0] > retry.start + SAME_TIME and least <= first[1] - first[0] <= most
        if others and late and first[0] - SLACK <= rest.since < first[1] <= rest.until + SAME_TIME:
            return run.heard.tries_of(retry.item)[retry.number - 1], run.refusal(retry)
    return None


def _taken_in_turns(rest: Rest) -> bool:
    """Whether no two tries overlap, and the next one follows the end of the one before."""
    tries = [one for one in rest.run.heard.tries if one.item in rest.places]
    apart = all(
        one.end is not None and not one.start + SAME_TIME < other.start < one.end - SAME_TIME
        for one, other in pairwise(tries)
    )
    ends = [one.end for one in tries if one.end is not None and one.end <= rest.until + SAME_TIME]
    return apart and rest.until - max(ends, default=0.0) <= 1 / rest.run.scenario.rate + SLACK


# -- polling -------------------------------------------------------------------------------------

FEW = 5
"""Timers of one task for each try that the rate allows in a second, and as many more: no polling."""


def never_polls(runs: Runs) -> None:
    """No task wakes up much more often than the rate makes it."""
    for run in runs:
        most = FEW * (run.scenario.rate + 1)
        timers: dict[int, list[float]] = defaultdict(list)
        for event in run.trace.of("timer"):
            timers[event.task].append(event.at)
        starts = [one.start for one in run.heard.tries]
        for task, moments in timers.items():
            for place, at in enumerate(moments):
                count = bisect_left(moments, at + 1) - place
                began = bisect_left(starts, at + 1) - bisect_left(starts, at)
                if count - began > most:
                    raise _polls(run, task, at, count).about(run.trace)


def _polls(run: Run, task: int, at: float, count: int) -> Misconception:
    line = next((e.line for e in run.trace.of("timer") if e.task == task and e.at == at), None)
    who = run.trace.label(task) if task else "A timer"
    return POLLS_FOR_A_TURN(
        f"{who} woke up {count} times in the second from {at:.3f} s on{lines([line])}, with "
        f"rate={run.scenario.rate}: it asks again and again.",
        "Waiting is awaiting: a task that knows when its turn comes sleeps until then, once.",
        at=at,
        task=task or None,
        line=line,
    )
