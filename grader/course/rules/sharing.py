"""Recognises waits that depend on other items or consumers, by a run's pauses."""

from __future__ import annotations

import math
from itertools import pairwise

from grader.course.rules.setting import Setting
from grader.trace import SAME_TIME, Event, Retry, Trace

__all__ = [
    "carried_between_equals",
    "carried_over",
    "ends_with_another",
    "one_at_a_time",
    "shared",
    "skipped_for_others",
    "skipped_later",
]


def ends_with_another(trace: Trace, s: Setting) -> bool:
    """Each wrong wait ends with another consumer's wait or try, or with a timer that is not its own."""
    ends = [(retry.task, retry.start + retry.pause) for retry in s.all()]
    moments = [*ends, *((one.task, one.end) for one in trace.tries if one.end is not None)]
    timers = [e for e in trace.of("timer") if e.task in trace.crew]
    return not s.jitter and all(
        abs(retry.pause - s.clean(retry.number)) <= SAME_TIME
        or any(task != retry.task and abs(at - end) < SAME_TIME for task, at in moments)
        or any(abs(e.at - end) < SAME_TIME and _older(e, retry) for e in timers)
        for retry, (_, end) in zip(s.all(), ends, strict=True)
    )


def _older(timer: Event, retry: Retry) -> bool:
    """Whether the timer was set by another consumer, or for an earlier wait."""
    return timer.task != retry.task or timer.at - timer.data[0] < retry.start - SAME_TIME


def _skipped(s: Setting) -> list[Retry]:
    """The retries that came at once, if all others waited as asked; else an empty list."""
    skipped: list[Retry] = []
    waited: list[Retry] = []
    for retry in s.all():
        (skipped if retry.pause <= SAME_TIME < s.clean(retry.number) else waited).append(retry)
    right = all(abs(r.pause - s.clean(r.number)) <= SAME_TIME + r.pause * 1e-6 for r in waited)
    return skipped if waited and right and not s.jitter else []


def skipped_later(trace: Trace, s: Setting) -> bool:
    """From some moment on, no retry waits any more."""
    first = min((retry.start for retry in _skipped(s)), default=None)
    return first is not None and all(r.pause <= SAME_TIME for r in s.all() if r.start >= first)


def skipped_for_others(trace: Trace, s: Setting) -> bool:
    """Some retries come at once, while all others wait as asked."""
    return bool(_skipped(s))


def carried_between_equals(trace: Trace, s: Setting) -> bool:
    """The wait continues where that of another, equal item ended."""
    return s.equal and carried_over(trace, s)


def one_at_a_time(trace: Trace, s: Setting) -> bool:
    """Each sleep is as long as asked, but consumers wait for each other before they sleep."""
    if len(s.by_task()) < 2:
        return False
    naps = {(e.task, round(e.at, 9)): e.data[0] for e in trace.of("timer")}  # as the clock has it
    for retry in s.all():
        nap = naps.get((retry.task, round(retry.start + retry.pause, 9)), -1.0)
        clean = s.clean(retry.number)
        if not clean - SAME_TIME <= nap <= clean * (1 + s.jitter) + SAME_TIME:
            return False
    return True


def shared(trace: Trace, s: Setting) -> bool:
    """Every pause is one of those asked for, but not the one due for this consumer."""
    if len(s.by_task()) < 2 or s.backoff <= 1 or s.jitter or not s.delay:
        return False
    steps = [math.log(max(r.pause, 1e-12) / s.delay) / math.log(s.backoff) for r in s.all()]
    whole = all(step > -0.01 and abs(step - round(step)) < 1e-3 for step in steps)
    return whole and not _each_carries_its_own(s)


def _each_carries_its_own(s: Setting) -> bool:
    return all(
        abs(b.pause - a.pause * s.backoff) <= SAME_TIME + a.pause * 1e-6
        for retries in s.by_task()
        for a, b in pairwise(retries)
    )


def carried_over(trace: Trace, s: Setting) -> bool:
    """The wait of a later item starts where that of an earlier one ended."""
    first, *later = sorted((retries[0] for retries in s.pauses.values()), key=lambda one: one.start)
    opening = first.pause <= s.delay * (1 + s.jitter) + SAME_TIME
    return (
        s.backoff > 1 and opening and any(r.pause > s.delay * s.backoff * (1 - 1e-6) for r in later)
    )
