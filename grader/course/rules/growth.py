"""Recognises the usual wrong formulas for a wait, without its random part, by a run's pauses."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise, permutations

from grader.course.rules.setting import Setting
from grader.trace import SAME_TIME, Retry, Trace

__all__ = [
    "ahead",
    "behind",
    "blocking",
    "capped",
    "constant",
    "doubles",
    "first_missing",
    "floored",
    "forgets_delay",
    "from_the_start",
    "grows_otherwise",
    "ignores_delay",
    "in_a_task",
    "linear",
    "milliseconds",
    "never_shorter",
    "none",
    "padded",
    "power_of_attempt",
    "power_of_delay",
    "rounded",
    "shrinks",
    "swapped",
    "timetable",
    "whole_backoff",
    "xor",
    "zero_for_default",
]


def _fits(setting: Setting, formula: Callable[[int], float], *, beyond: int = 1) -> bool:
    """Whether every pause is `formula(retry number)`, plus at most the allowed jitter.

    beyond: the highest retry number must be at least this.
    """
    retries = setting.all()
    if max((retry.number for retry in retries), default=0) < beyond:
        return False
    for retry in retries:
        low = formula(retry.number)
        slack = SAME_TIME + abs(low) * 1e-6
        if not low - slack <= retry.pause <= low * (1 + setting.jitter) + slack:
            return False
    return True


def none(trace: Trace, s: Setting) -> bool:
    """No retry waits at all."""
    return all(retry.pause <= SAME_TIME for retry in s.all())


def in_a_task(trace: Trace, s: Setting) -> bool:
    """No consumer waits; the sleeps run in separate tasks."""
    workers = {retry.task for retry in s.all()}
    return none(trace, s) and any(e.task not in workers for e in trace.of("timer"))


def blocking(trace: Trace, s: Setting) -> bool:
    """`time.sleep` blocked the event loop."""
    return bool(trace.blocked)


def constant(trace: Trace, s: Setting) -> bool:
    """Every wait is `delay`."""
    return s.backoff != 1 and _fits(s, lambda k: s.delay, beyond=2)


def linear(trace: Trace, s: Setting) -> bool:
    """Each wait is longer than the previous one by a constant amount."""
    added = s.delay * s.backoff
    return any(
        _fits(s, formula, beyond=2)
        for formula in (
            lambda k: s.delay * k,
            lambda k: s.delay * (k - 1),
            lambda k: s.delay + added * (k - 1),
            lambda k: s.delay * s.backoff * k,
            lambda k: s.delay * s.backoff * (k - 1),
            lambda k: s.delay + s.backoff * (k - 1),
            lambda k: s.delay * (1 + s.backoff * (k - 1)),
        )
    ) or (
        not s.jitter  # it would fit too many random waits
        and _fits(s, lambda k: s.delay if k == 1 else added * (k - 1), beyond=2)
    )


def ahead(trace: Trace, s: Setting) -> bool:
    """The first wait is already multiplied by the factor."""
    return s.backoff != 1 and _fits(s, lambda k: s.delay * s.backoff**k)


def behind(trace: Trace, s: Setting) -> bool:
    """The factor is applied one retry too late."""
    return any(
        _fits(s, formula, beyond=2)
        for formula in (
            lambda k: 0.0 if k == 1 else s.delay * s.backoff ** (k - 2),
            lambda k: s.delay * s.backoff ** max(0, k - 2),
        )
    ) or _fits(s, lambda k: s.delay * s.backoff ** (k - 2))


def first_missing(trace: Trace, s: Setting) -> bool:
    """The first wait is missing; all others are as asked."""
    return _fits(s, lambda k: 0.0 if k == 1 else s.clean(k), beyond=2)


def power_of_delay(trace: Trace, s: Setting) -> bool:
    """The delay itself is raised to a power."""
    return any(
        _fits(s, formula)
        for formula in (
            lambda k: s.delay**k,
            lambda k: s.delay ** (k - 1),
            lambda k: s.delay ** (s.backoff * k),
            lambda k: (s.delay * s.backoff) ** (k - 1),
            lambda k: (s.delay * s.backoff) ** k,
        )
    )


def power_of_attempt(trace: Trace, s: Setting) -> bool:
    """The number of the try is raised to a power."""
    return _fits(s, lambda k: s.delay * k**s.backoff, beyond=2)


def xor(trace: Trace, s: Setting) -> bool:
    """Base and exponent are combined with `^`."""
    factor = int(s.backoff)
    return any(
        _fits(s, formula, beyond=2)
        for formula in (
            lambda k: s.delay * (factor ^ k),
            lambda k: s.delay * (factor ^ (k - 1)),
        )
    )


def from_the_start(trace: Trace, s: Setting) -> bool:
    """The wait is measured from the start of the failed try, so the pause is shorter by its duration."""

    def fits(retry: Retry) -> bool:
        lasted = retry.start - trace.tries_of(retry.item)[retry.number - 1].start
        low = s.clean(retry.number) - lasted
        high = s.clean(retry.number) * (1 + s.jitter) - lasted
        return max(0.0, low) - 2 * SAME_TIME <= retry.pause <= max(0.0, high) + 2 * SAME_TIME

    return all(fits(retry) for retry in s.all())


def timetable(trace: Trace, s: Setting) -> bool:
    """The retries follow a timetable from the first failure, however long the tries take."""

    def fits(retries: list[Retry]) -> bool:
        due = retries[0].start
        for retry in retries:
            due += s.clean(retry.number)
            if abs(retry.pause - max(0.0, due - retry.start)) > 2 * SAME_TIME:
                return False
        return True

    return not s.jitter and all(map(fits, s.pauses.values()))


def zero_for_default(trace: Trace, s: Setting) -> bool:
    """A delay of 0 is replaced by the default."""
    return s.delay == 0 and _fits(s, lambda k: 0.03 * s.backoff ** (k - 1))


def whole_backoff(trace: Trace, s: Setting) -> bool:
    """The factor is truncated to a whole number."""
    return s.backoff != int(s.backoff) and _fits(s, lambda k: s.delay * int(s.backoff) ** (k - 1))


def rounded(trace: Trace, s: Setting) -> bool:
    """Every pause is a multiple of some step, and less than a step off."""
    for step in (0.001, 0.01, 0.1, 1.0):
        if all(
            abs(r.pause - round(r.pause / step) * step) <= SAME_TIME
            and s.clean(r.number) - step < r.pause < s.clean(r.number) * (1 + s.jitter) + step
            for r in s.all()
        ):
            return True
    return False


def shrinks(trace: Trace, s: Setting) -> bool:
    """Each wait is shorter than the previous one, or longer where it should be shorter."""
    way = 1 if s.backoff > 1 else -1
    return s.backoff != 1 and all(
        len(retries) > 1
        and all(way * (a.pause - b.pause) > SAME_TIME for a, b in pairwise(retries))
        for retries in s.pauses.values()
    )


def grows_otherwise(trace: Trace, s: Setting) -> bool:
    """The waits begin at `delay` and never get shorter, but do not grow by a constant factor."""
    return not s.jitter and all(
        abs(retries[0].pause - s.delay) <= SAME_TIME
        and (s.backoff < 1 or all(b.pause >= a.pause - SAME_TIME for a, b in pairwise(retries)))
        for retries in s.pauses.values()
    )


def forgets_delay(trace: Trace, s: Setting) -> bool:
    """The waits are powers of the factor, without the delay."""
    return _fits(s, lambda k: s.backoff ** (k - 1)) or _fits(s, lambda k: s.backoff**k)


def doubles(trace: Trace, s: Setting) -> bool:
    """The factor is always 2."""
    return s.backoff != 2 and _fits(s, lambda k: s.delay * 2.0 ** (k - 1), beyond=2)


def ignores_delay(trace: Trace, s: Setting) -> bool:
    """The first wait is always the default delay."""
    return s.delay != 0.03 and _fits(s, lambda k: 0.03 * s.backoff ** (k - 1))


def by_the_defaults(trace: Trace, s: Setting) -> bool:
    """The waits are those of the defaults: constants, or values left over from an earlier call."""
    several = len({retry.number for retry in s.all()}) > 1
    other = s.delay != 0.03 or s.backoff != 2.0
    return several and other and _fits(s, lambda k: 0.03 * 2.0 ** (k - 1))


def capped(trace: Trace, s: Setting) -> bool:
    """The waits stop growing at some value."""
    top = max(retry.pause for retry in s.all())
    below = [r for r in s.all() if s.clean(r.number) > top * (1 + s.jitter) + SAME_TIME]
    return (
        bool(below)
        and abs(top - s.delay) > SAME_TIME
        and _fits(s, lambda k: min(s.clean(k), top / (1 + s.jitter) if s.jitter else top))
    )


def floored(trace: Trace, s: Setting) -> bool:
    """No wait is shorter than some value."""
    low = min(retry.pause for retry in s.all())
    return low > s.delay + SAME_TIME and _fits(s, lambda k: max(s.clean(k), low / (1 + s.jitter)))


def never_shorter(trace: Trace, s: Setting) -> bool:
    """A factor below 1 does not shorten the waits."""
    return s.backoff < 1 and _fits(s, lambda k: s.delay, beyond=2)


def padded(trace: Trace, s: Setting) -> bool:
    """Up to 50 ms are added to every wait although no jitter is asked for."""
    extra = [retry.pause - s.clean(retry.number) for retry in s.all()]
    return not s.jitter and SAME_TIME < max(extra) <= 0.05 and min(extra) > -SAME_TIME


def milliseconds(trace: Trace, s: Setting) -> bool:
    """The waits are a thousand times too long or too short."""
    return _fits(s, lambda k: s.clean(k) * 1000) or _fits(s, lambda k: s.clean(k) / 1000)


def swapped(trace: Trace, s: Setting) -> bool:
    """The settings were passed in the wrong order."""
    given = (s.delay, s.backoff, s.jitter)
    for delay, backoff, jitter in permutations(given):
        if (delay, backoff, jitter) != given and all(
            (low := delay * backoff ** (r.number - 1)) - SAME_TIME
            <= r.pause
            <= low * (1 + jitter) + SAME_TIME
            for r in s.all()
        ):
            return True
    return False
