"""Finds the times in which a try might have begun, and none did."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from grader.course.api import SAME_TIME, Retry
from grader.course.ex12_listen_to_the_service.service import SLACK, Run

__all__ = ["Rest", "rests_too_long"]

HEARTBEAT, BEATS = 10.0, 20
"""The longest time in seconds between two timers of a ticker, and the fewest that it takes for one."""


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
