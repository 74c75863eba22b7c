"""Whether a try begins when it may, and if not, by which mistake; and whether waiting is awaiting.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from grader.course.api import SAME_TIME, Misconception, Retry, Try, lines
from grader.course.ex12_listen_to_the_service.listening import too_late
from grader.course.ex12_listen_to_the_service.mistakes import (
    POLLS_FOR_A_TURN,
    RATE_IS_A_CONSTANT,
    RETRY_AFTER_HOLDS_UP_ALL,
    SLOWER_THAN_THE_RATE,
)
from grader.course.ex12_listen_to_the_service.rate import is_a_constant
from grader.course.ex12_listen_to_the_service.service import SLACK, Run, Runs
from grader.course.mistakes.crew import STATE_SHARED_BETWEEN_RUNS, WORK_SERIALISED
from grader.course.mistakes.pauses import WAITS_ONE_AT_A_TIME, WRONG_PAUSE

__all__ = ["Rest", "never_idle", "never_polls", "rests_too_long"]


@dataclass(frozen=True)
class Rest:
    """A time in which a try might have begun, and none did.

    since, until: virtual seconds; a try began only then, or the work was over.
    places: of the call's items.
    running: the tries that ran at its beginning. lately: the tries that had begun in the second before.
    due: the retries whose pause was over, each with the item's next try; waiting: whether an item not
        tried yet, and a free consumer, were there, too.
    """

    run: Run
    places: range
    since: float
    until: float
    running: int
    lately: int
    due: tuple[Retry, ...]
    waiting: bool


def never_idle(runs: Runs) -> None:
    """While a try may begin, at most 1 / `rate` seconds pass until one does."""
    for run in runs:
        for rest in rests_too_long(run):
            raise _why_idle(rest, runs).about(run.trace)


def rests_too_long(run: Run) -> Iterator[Rest]:
    """The times in which a try might have begun for longer than 1 / `rate` seconds, and none did."""
    for places in run.scenario.calls:
        for rest in _rests(run, places):
            if rest.until - rest.since > 1 / run.scenario.rate + SLACK and not _was_skipped(rest):
                yield rest


def _rests(run: Run, places: range) -> Iterator[Rest]:
    """The times in which a try might have begun, each up to the next try.

    What makes a try possible lasts until one begins: tries end, seconds pass, pauses run out.
    """
    scenario = run.scenario
    tries = [one for one in run.heard.tries if one.item in places]
    starts = [one.start for one in tries]
    ends = sorted(one.end for one in tries if one.end is not None)
    settled = sorted(one.end for one in tries if one.end is not None and run.settles(one))
    firsts = [one.start for one in tries if one.number == 1]
    pauses = sorted(
        (retry.start + scenario.most(retry.item, retry.number), retry)
        for retry in run.heard.retries
        if retry.item in places
    )
    over = ends[-1] if ends else 0.0
    moments = {0.0, *starts, *ends, *(due for due, _ in pauses), *(start + 1 for start in starts)}
    due: list[Retry] = []
    reported = -1  # how many tries had begun when the last one was found
    for at in sorted(moment for moment in moments if moment < over - SAME_TIME):
        now = at + SAME_TIME / 2
        begun, new = bisect_right(starts, now), bisect_right(firsts, now)
        while pauses and pauses[0][0] <= now:
            due.append(pauses.pop(0)[1])
        due = [retry for retry in due if retry.start + retry.pause > now]
        waiting = new < len(places) and new - bisect_right(settled, now) < scenario.consumers
        running, lately = begun - bisect_right(ends, now), begun - bisect_right(starts, now - 1)
        possible = running < scenario.consumers and lately < scenario.rate and (due or waiting)
        if possible and begun != reported:
            reported = begun
            until = starts[begun] if begun < len(starts) else over
            yield Rest(run, places, at, until, running, lately, tuple(due), waiting)


def _why_idle(rest: Rest, runs: Runs) -> Misconception:
    run, scenario = rest.run, rest.run.scenario
    never_polls([run])  # who looks now and then is late
    if rest.due and not rest.waiting:
        late = too_late(run, rest.due[0])
        if late.mistake is not WRONG_PAUSE or len({retry.item for retry in run.heard.retries}) == 1:
            return late
    seen = (
        f"At {rest.since:.3f} s {_ready(rest)}, {rest.running} of {scenario.consumers} consumers "
        f"{'was' if rest.running == 1 else 'were'} at work, and {rest.lately} "
        f"tr{'y' if rest.lately == 1 else 'ies'} had begun in the last second, with "
        f"rate={scenario.rate}. The next began only at {rest.until:.3f} s"
    )
    gap = 1 / scenario.rate
    asks = f"When nothing stands against it, a try begins after at most 1 / rate = {gap:.4g} s."
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
    return SLOWER_THAN_THE_RATE(f"{seen}.", asks, at=rest.since)


def _goes_on_where_the_last_ended(runs: Runs) -> bool:
    """Whether each run's first try came only after the time of the last one of the run before it."""
    worked = [run.heard.tries for run in runs if run.heard.tries]
    pairs = [*pairwise(worked)]
    return bool(pairs) and all(one[-1].start <= after[0].start > SLACK for one, after in pairs)


def _ready(rest: Rest) -> str:
    if rest.due:
        return f"item {rest.run.name(rest.due[0].item)} was ready to be tried again"
    return "an item was waiting"


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


def _was_skipped(rest: Rest) -> bool:
    """Whether the lab cut this wait short, and so a ticker let nobody go.

    Where for long only such a task's timers fire, it leaves out what is left of them.
    """
    if rest.until - rest.since < 0.5 * HEARTBEAT:
        return False
    trace = rest.run.trace
    workers = {one.task for one in trace.tries}
    beats = [e.at for e in trace.of("timer") if e.task not in workers]
    before, after = bisect_right(beats, rest.since + HEARTBEAT), bisect_left(beats, rest.until)
    return before >= BEATS and before == after and beats[before - 1] > rest.since - HEARTBEAT


# -- polling -------------------------------------------------------------------------------------

HEARTBEAT, BEATS = 10.0, 20
"""The longest time in seconds between two timers of a ticker, and the fewest that it takes for one."""

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
