"""The usual wrong formulas for a wait, apart from its random part, recognised by the pauses of a run."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise, permutations

from grader.authoring.setting import Model, Setting
from grader.trace import SAME_TIME, Retry, Trace

__all__ = ["MODELS", "OTHERWISE", "carried_over"]


def _fits(setting: Setting, formula: Callable[[int], float], *, beyond: int = 1) -> bool:
    """True when every pause is what `formula(retry number)` gives; jitter is allowed on top."""
    retries = setting.all()
    if max((retry.number for retry in retries), default=0) < beyond:
        return False
    for retry in retries:
        low = formula(retry.number)
        slack = SAME_TIME + abs(low) * 1e-6
        if not low - slack <= retry.pause <= low * (1 + setting.jitter) + slack:
            return False
    return True


def _none(trace: Trace, s: Setting) -> bool:
    return all(retry.pause <= SAME_TIME for retry in s.all())


def _in_a_task(trace: Trace, s: Setting) -> bool:
    workers = {retry.task for retry in s.all()}
    return _none(trace, s) and any(e.task not in workers for e in trace.of("timer"))


def _blocking(trace: Trace, s: Setting) -> bool:
    return bool(trace.blocked)


def _constant(trace: Trace, s: Setting) -> bool:
    return s.backoff != 1 and _fits(s, lambda k: s.delay, beyond=2)


def _linear(trace: Trace, s: Setting) -> bool:
    added = s.delay * s.backoff
    return any(
        _fits(s, formula, beyond=2)
        for formula in (
            lambda k: s.delay * k,
            lambda k: s.delay * (k - 1),
            lambda k: s.delay + added * (k - 1),
            # Of a random wait this would fit too many.
            lambda k: -1.0 if s.jitter else s.delay if k == 1 else added * (k - 1),
            lambda k: s.delay * s.backoff * k,
            lambda k: s.delay * s.backoff * (k - 1),
            lambda k: s.delay + s.backoff * (k - 1),
            lambda k: s.delay * (1 + s.backoff * (k - 1)),
        )
    )


def _ahead(trace: Trace, s: Setting) -> bool:
    return s.backoff != 1 and _fits(s, lambda k: s.delay * s.backoff**k)


def _behind(trace: Trace, s: Setting) -> bool:
    return any(
        _fits(s, formula, beyond=2)
        for formula in (
            lambda k: 0.0 if k == 1 else s.delay * s.backoff ** (k - 2),
            lambda k: s.delay * s.backoff ** max(0, k - 2),
            lambda k: 0.0 if k == 1 else s.delay * s.backoff ** (k - 1),
        )
    ) or _fits(s, lambda k: s.delay * s.backoff ** (k - 2))


def _power_of_delay(trace: Trace, s: Setting) -> bool:
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


def _power_of_attempt(trace: Trace, s: Setting) -> bool:
    return _fits(s, lambda k: s.delay * k**s.backoff, beyond=2)


def _xor(trace: Trace, s: Setting) -> bool:
    factor = int(s.backoff)
    return any(
        _fits(s, formula, beyond=2)
        for formula in (
            lambda k: s.delay * (factor ^ k),
            lambda k: s.delay * (factor ^ (k - 1)),
        )
    )


def _from_the_start(trace: Trace, s: Setting) -> bool:
    """The pause is what is left of the wait when the failed try has taken its time."""

    def fits(retry: Retry) -> bool:
        lasted = retry.start - trace.tries_of(retry.item)[retry.number - 1].start
        low = s.clean(retry.number) - lasted
        high = s.clean(retry.number) * (1 + s.jitter) - lasted
        return max(0.0, low) - 2 * SAME_TIME <= retry.pause <= max(0.0, high) + 2 * SAME_TIME

    return all(fits(retry) for retry in s.all())


def _timetable(trace: Trace, s: Setting) -> bool:
    """The retries stand on a timetable from the first failure on, whatever the tries take."""

    def fits(retries: list[Retry]) -> bool:
        due = retries[0].start
        for retry in retries:
            due += s.clean(retry.number)
            if abs(retry.pause - max(0.0, due - retry.start)) > 2 * SAME_TIME:
                return False
        return True

    return not s.jitter and all(map(fits, s.pauses.values()))


def _zero_for_default(trace: Trace, s: Setting) -> bool:
    return s.delay == 0 and _fits(s, lambda k: 0.03 * s.backoff ** (k - 1))


def _ends_with_another(trace: Trace, s: Setting) -> bool:
    """Each wait that is wrong ends at the same moment as a wait or a try of another consumer's."""
    ends = [(retry.task, retry.start + retry.pause) for retry in s.all()]
    moments = [*ends, *((one.task, one.end) for one in trace.tries if one.end is not None)]
    return not s.jitter and all(
        abs(retry.pause - s.clean(retry.number)) <= SAME_TIME
        or any(task != retry.task and abs(at - end) < SAME_TIME for task, at in moments)
        for retry, (_, end) in zip(s.all(), ends, strict=True)
    )


def _whole_backoff(trace: Trace, s: Setting) -> bool:
    return s.backoff != int(s.backoff) and _fits(s, lambda k: s.delay * int(s.backoff) ** (k - 1))


def _skipped(s: Setting) -> list[Retry]:
    """The retries that came at once, where all others waited as asked; else none."""
    skipped = [r for r in s.all() if r.pause <= SAME_TIME < s.clean(r.number)]
    waited = [r for r in s.all() if r not in skipped]
    right = all(abs(r.pause - s.clean(r.number)) <= SAME_TIME + r.pause * 1e-6 for r in waited)
    return skipped if waited and right and not s.jitter else []


def _skipped_later(trace: Trace, s: Setting) -> bool:
    """From some item on no retry waits any more."""
    first = min((retry.start for retry in _skipped(s)), default=None)
    return first is not None and all(r.pause <= SAME_TIME for r in s.all() if r.start >= first)


def _skipped_for_others(trace: Trace, s: Setting) -> bool:
    return bool(_skipped(s))


def _rounded(trace: Trace, s: Setting) -> bool:
    """Every pause is a whole number of steps, and less than a step away from what is asked."""
    for step in (0.001, 0.01, 0.1, 1.0):
        if all(
            abs(r.pause - round(r.pause / step) * step) <= SAME_TIME
            and s.clean(r.number) - step < r.pause < s.clean(r.number) * (1 + s.jitter) + step
            for r in s.all()
        ):
            return True
    return False


def _shrinks(trace: Trace, s: Setting) -> bool:
    """Each wait is shorter than the one before, or longer where it should get shorter."""
    way = 1 if s.backoff > 1 else -1
    return s.backoff != 1 and all(
        len(retries) > 1
        and all(way * (a.pause - b.pause) > SAME_TIME for a, b in pairwise(retries))
        for retries in s.pauses.values()
    )


def _grows_otherwise(trace: Trace, s: Setting) -> bool:
    """It begins at delay, and never gets shorter, but by no factor that stays the same."""
    return not s.jitter and all(
        abs(retries[0].pause - s.delay) <= SAME_TIME
        and (s.backoff < 1 or all(b.pause >= a.pause - SAME_TIME for a, b in pairwise(retries)))
        for retries in s.pauses.values()
    )


def _forgets_delay(trace: Trace, s: Setting) -> bool:
    return _fits(s, lambda k: s.backoff ** (k - 1)) or _fits(s, lambda k: s.backoff**k)


def _doubles(trace: Trace, s: Setting) -> bool:
    return s.backoff != 2 and _fits(s, lambda k: s.delay * 2.0 ** (k - 1), beyond=2)


def _ignores_delay(trace: Trace, s: Setting) -> bool:
    return s.delay != 0.03 and _fits(s, lambda k: 0.03 * s.backoff ** (k - 1))


def _capped(trace: Trace, s: Setting) -> bool:
    top = max(retry.pause for retry in s.all())
    below = [r for r in s.all() if s.clean(r.number) > top * (1 + s.jitter) + SAME_TIME]
    return (
        bool(below)
        and top > s.delay + SAME_TIME
        and _fits(s, lambda k: min(s.clean(k), top / (1 + s.jitter) if s.jitter else top))
    )


def _floored(trace: Trace, s: Setting) -> bool:
    low = min(retry.pause for retry in s.all())
    return low > s.delay + SAME_TIME and _fits(s, lambda k: max(s.clean(k), low / (1 + s.jitter)))


def _never_shorter(trace: Trace, s: Setting) -> bool:
    return s.backoff < 1 and _fits(s, lambda k: s.delay, beyond=2)


def _padded(trace: Trace, s: Setting) -> bool:
    """Up to 50 ms are added to every wait, where no jitter is asked for."""
    extra = [retry.pause - s.clean(retry.number) for retry in s.all()]
    return not s.jitter and SAME_TIME < max(extra) <= 0.05 and min(extra) > -SAME_TIME


def _milliseconds(trace: Trace, s: Setting) -> bool:
    return _fits(s, lambda k: s.clean(k) * 1000) or _fits(s, lambda k: s.clean(k) / 1000)


def _grows_from(trace: Trace, s: Setting, first: Callable[[int, list[Retry]], bool]) -> bool:
    """Later items begin where `first` says; within an item each pause grows by the factor."""
    chains = sorted(s.pauses.values(), key=lambda retries: retries[0].start)
    return len(chains) > 1 and first(len(chains), [retries[0] for retries in chains])


def _carried_between_equals(trace: Trace, s: Setting) -> bool:
    return s.equal and carried_over(trace, s)


def _one_at_a_time(trace: Trace, s: Setting) -> bool:
    """Each sleep is as long as asked, but several consumers wait for each other to begin theirs."""
    if len(s.by_task()) < 2:
        return False
    naps = {(e.task, round(e.at, 9)): e.data[0] for e in trace.of("timer")}  # as the clock has it
    for retry in s.all():
        nap = naps.get((retry.task, round(retry.start + retry.pause, 9)), -1.0)
        clean = s.clean(retry.number)
        if not clean - SAME_TIME <= nap <= clean * (1 + s.jitter) + SAME_TIME:
            return False
    return True


def _shared(trace: Trace, s: Setting) -> bool:
    """Every pause is one of those asked for, but not the one of this consumer's own retries."""
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
    """The wait of a later item begins where that of an earlier one had got to."""
    if s.backoff == 1:
        return False

    def longer(_count: int, firsts: list[Retry]) -> bool:
        opening = firsts[0].pause <= s.delay * (1 + s.jitter) + SAME_TIME
        later = [r for r in firsts[1:] if r.pause > s.delay * s.backoff * (1 - 1e-6)]
        return opening and bool(later)

    return s.backoff > 1 and _grows_from(trace, s, longer)


def _swapped(trace: Trace, s: Setting) -> bool:
    """The settings were handed on in the wrong places."""
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


# In this order: the first that fits names the mistake.
MODELS: Sequence[Model] = (
    ("sleep-not-awaited", _in_a_task, "the sleep runs in a task of its own that nobody awaits."),
    ("blocks-the-loop", _blocking, "time.sleep() stops everybody else, too."),
    ("no-backoff", _none, "the retries came back at once."),
    ("delay-floored", _never_shorter, "it does not get shorter, though backoff is less than 1."),
    ("constant-delay", _constant, "the wait does not grow."),
    ("backoff-one-step-ahead", _ahead, "the first wait has been multiplied already."),
    ("backoff-one-step-behind", _behind, "the waits come one retry too late."),
    ("linear-backoff", _linear, "the wait grows by adding, not by multiplying."),
    ("ignores-backoff", _doubles, "it doubles, whatever backoff says."),
    (
        "zero-taken-for-default",
        _zero_for_default,
        "a delay of 0 is taken for one that is not given.",
    ),
    ("ignores-delay", _ignores_delay, "it starts at 30 ms, whatever delay says."),
    ("power-of-delay", _power_of_delay, "delay itself is raised to a power."),
    (
        "base-and-exponent-swapped",
        _power_of_attempt,
        "the number of the try is raised to a power.",
    ),
    ("xor-for-power", _xor, "in Python ^ is no power, but exclusive or."),
    (
        "wait-measured-from-start",
        _from_the_start,
        "it counts from the start of the failed try, not from its end.",
    ),
    (
        "wait-measured-from-start",
        _timetable,
        "it is what is left of a timetable that began with the first failure.",
    ),
    ("forgets-delay", _forgets_delay, "delay is no part of it."),
    ("wrong-unit", _milliseconds, "it is a thousand times off: all times are in seconds."),
    ("delay-floored", _floored, "short waits are made longer."),
    ("pause-rounded", _whole_backoff, "backoff was cut to a whole number."),
    (
        "delay-carried-to-next-item",
        _skipped_later,
        "the items before it have used up all the waits.",
    ),
    (
        "delay-shared-by-consumers",
        _skipped_for_others,
        "what others do, or what waits for them, decides whether it waits at all.",
    ),
    ("pause-rounded", _rounded, "it was rounded to a whole number of steps."),
    (
        "backoff-shrinks",
        _shrinks,
        "each wait is shorter than the one before, where it should be longer.",
    ),
    (
        "waits-one-at-a-time",
        _one_at_a_time,
        "each sleep is right, but it began only when another consumer's had ended.",
    ),
    (
        "delay-shared-by-consumers",
        _shared,
        "it goes on where another consumer had got to: they all use one delay.",
    ),
    (
        "delay-shared-by-consumers",
        _ends_with_another,
        "it ended when another consumer's wait or try did: they wait for one event.",
    ),
    (
        "equal-items-merged",
        _carried_between_equals,
        "it goes on where another item, which is equal, had ended.",
    ),
    ("delay-capped", _capped, "it stops growing."),
    ("arguments-swapped", _swapped, "it fits the settings handed on in the wrong places."),
)

OTHERWISE: Sequence[Model] = (
    ("pause-padded", _padded, "something is added to it."),
    ("other-growth", _grows_otherwise, "it grows, but not by the factor backoff each time."),
)
"""The last to be asked: a little too long, or it grows, and nobody knows how."""
