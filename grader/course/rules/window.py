"""Recognises the usual wrong ways to add a random part to a wait, by a run's pauses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations, pairwise

from grader.course.rules.setting import Setting
from grader.trace import SAME_TIME, Trace

__all__ = [
    "a_little_beyond",
    "adds_up",
    "both_ways",
    "compounds",
    "from_base",
    "grows_with_the_number",
    "ignores_jitter",
    "in_seconds",
    "in_steps",
    "on_the_factor",
    "only_jitter",
    "other_scheme",
    "piles_up",
    "random_otherwise",
    "same_part_added",
    "seconds_both_ways",
    "subtracts",
    "takes_zero_for_default",
    "too_wide",
    "unlimited",
    "up_to_a_second",
    "whole_extra",
]


def compounds(trace: Trace, s: Setting) -> bool:
    """Each wait is multiplied up from the previous one, including its random part."""
    if not s.jitter:
        return False
    for retries in s.pauses.values():
        for one, following in pairwise(retries):
            low = one.pause * s.backoff
            if not low - 1e-5 <= following.pause <= low * (1 + s.jitter) + 1e-5:
                return False
    return _first_in_window(s)


def adds_up(trace: Trace, s: Setting) -> bool:
    """The random part of each wait includes those of the waits before it."""
    if not s.jitter:
        return False
    for retries in s.pauses.values():
        before = 0.0
        for retry in retries:
            clean = s.clean(retry.number)
            extra = retry.pause - clean
            if not before - 1e-5 <= extra <= before + clean * s.jitter + 1e-5:
                return False
            before = extra
    return True


def piles_up(trace: Trace, s: Setting) -> bool:
    """The random parts stay in the delay: it grows from each retry to the next one of the consumer."""
    by_task: dict[int, list[float]] = {}
    for retry in trace.retries:
        by_task.setdefault(retry.task, []).append(retry.pause / s.backoff ** (retry.number - 1))
    longest = max(by_task.values(), key=len, default=[])
    if not s.jitter or len(longest) < 5 or longest[-1] <= s.delay * (1 + s.jitter) + SAME_TIME:
        return False
    return all(
        low - SAME_TIME <= high <= low * (1 + s.jitter) + SAME_TIME
        for one in by_task.values()
        for low, high in pairwise((s.delay, *one))
    )


def _first_in_window(s: Setting) -> bool:
    firsts = [retries[0].pause for retries in s.pauses.values()]
    return all(s.delay - SAME_TIME <= p <= s.delay * (1 + s.jitter) + SAME_TIME for p in firsts)


def _shares(s: Setting) -> list[float]:
    """Each pause as a multiple of the delay asked for (if that is 0: 1 for no pause, else infinity)."""
    return [_share(retry.pause, s.clean(retry.number)) for retry in s.all()]


def _share(pause: float, clean: float) -> float:
    if clean > 0:
        return pause / clean
    return 1.0 if pause <= SAME_TIME else math.inf


def _often_beyond(s: Setting) -> bool:
    """Whether more than a quarter of the pauses are beyond the window, not just a tail."""
    shares = _shares(s)
    return sum(1 for share in shares if share > 1 + s.jitter + 1e-6) > len(shares) / 4


def both_ways(trace: Trace, s: Setting) -> bool:
    """The random part is added or subtracted."""
    shares = _shares(s)
    return (
        s.jitter > 0
        and min(shares) < 1 - 1e-6
        and max(shares) > 1
        and min(shares) >= 1 - s.jitter - 1e-6
        and max(shares) <= 1 + s.jitter + 1e-6
    )


def subtracts(trace: Trace, s: Setting) -> bool:
    """The random part is subtracted."""
    shares = _shares(s)
    return s.jitter > 0 and 1 - s.jitter - 1e-6 <= min(shares) and max(shares) <= 1 + 1e-6


def other_scheme(trace: Trace, s: Setting) -> bool:
    """Some waits are shorter than the delay asked for, at random."""
    shares = _shares(s)
    if s.jitter > 0:
        return min(shares) < 1 - 1e-6 and max(shares) > 0.5
    # Without jitter, waits are random if two of them for the same retry number differ.
    again = [(a, b) for a, b in combinations(s.all(), 2) if a.number == b.number]
    return min(shares) < 1 - 1e-6 and any(abs(a.pause - b.pause) > SAME_TIME for a, b in again)


def random_otherwise(trace: Trace, s: Setting) -> bool:
    """Most waits have different random parts."""
    shares = _shares(s)
    return s.jitter > 0 and len({round(share, 6) for share in shares}) > len(shares) / 2


def only_jitter(trace: Trace, s: Setting) -> bool:
    """The wait is the random part alone."""
    shares = _shares(s)
    few = len(shares) < 10  # ten are hardly ever all in the lower half of the window
    return s.jitter > 0 and s.jitter * (0 if few else 0.5) <= max(shares) <= s.jitter + 1e-6


def in_seconds(trace: Trace, s: Setting) -> bool:
    """Up to `jitter` seconds are added."""
    extra = [retry.pause - s.clean(retry.number) for retry in s.all()]
    return (
        s.jitter > 0
        and min(extra) >= -SAME_TIME
        and max(extra) <= s.jitter + SAME_TIME
        and max(extra) > s.jitter * 0.5
    )


_STEPS = (1e-3, 5e-4, 1e-4)  # seconds: what `round` makes of a wait, or of its random part


def in_steps(trace: Trace, s: Setting) -> bool:
    """The waits, or their random parts, are rounded, and so may be beyond the window by a step."""
    pauses = [retry.pause for retry in s.all()]
    extra = [retry.pause - s.clean(retry.number) for retry in s.all()]
    windows = [s.clean(retry.number) * s.jitter for retry in s.all()]
    if not s.jitter or len(pauses) < 3:
        return False
    return any(
        all(abs(value - round(value / step) * step) <= SAME_TIME for value in values)
        and all(-step <= more <= most + step for more, most in zip(extra, windows, strict=True))
        for step in _STEPS
        for values in (pauses, extra)
    )


def seconds_both_ways(settings: Sequence[Setting]) -> bool:
    """Up to `jitter` seconds are added, or taken away as far as there is something to take."""
    far = False
    for s in settings:
        extra = [retry.pause - s.clean(retry.number) for retry in s.all()]
        if extra and not -s.jitter - SAME_TIME <= min(extra) <= max(extra) <= s.jitter + SAME_TIME:
            return False
        # No share of the wait reaches as far before a first retry.
        firsts = (retry.pause - s.delay for retry in s.all() if retry.number == 1)
        far = far or max(firsts, default=0.0) > max(0.4 * s.jitter, s.delay)
    return far and any(
        retry.pause < s.clean(retry.number) - SAME_TIME for s in settings for retry in s.all()
    )


def up_to_a_second(trace: Trace, s: Setting) -> bool:
    """A number from 0 to 1, as from random.random(), is added whatever is asked."""
    windows = [s.clean(retry.number) * s.jitter for retry in s.all()]
    extra = [retry.pause - s.clean(retry.number) for retry in s.all()]
    beyond = sum(more > window + SAME_TIME for more, window in zip(extra, windows, strict=True))
    # The wider the window asked for, the fewer of them are beyond it.
    expected = sum(max(0.0, 1 - window) for window in windows)
    of_a_second = min(extra) >= -SAME_TIME and 0.5 < max(extra) <= 1 + SAME_TIME
    return s.jitter > 0 and of_a_second and beyond >= expected / 2


def from_base(trace: Trace, s: Setting) -> bool:
    """The random part is never larger than before the first retry."""
    extra = [retry.pause - s.clean(retry.number) for retry in s.all()]
    return (
        s.jitter > 0 and min(extra) >= -SAME_TIME and max(extra) <= s.delay * s.jitter + SAME_TIME
    )


def same_part_added(trace: Trace, s: Setting) -> bool:
    """The same fraction is added each time although no jitter is asked for: nothing is drawn."""
    shares = _shares(s)
    return (
        not s.jitter
        and len(shares) > 2
        and max(shares) - min(shares) < 1e-6
        and takes_zero_for_default(trace, s)
    )


def takes_zero_for_default(trace: Trace, s: Setting) -> bool:
    """Up to a quarter is added although no jitter is asked for."""
    shares = _shares(s)
    return not s.jitter and min(shares) >= 1 - 1e-6 and 1.02 < max(shares) <= 1.25 + 1e-6


def too_wide(trace: Trace, s: Setting) -> bool:
    """The added random part is larger than asked."""
    shares = _shares(s)
    return s.jitter > 0 and min(shares) >= 1 - 1e-6 and max(shares) > 1 + s.jitter + 1e-6


def grows_with_the_number(trace: Trace, s: Setting) -> bool:
    """The window also grows with the number of the retry."""
    later = [r for r in s.all() if r.number > 1]
    beyond = [r for r in later if r.pause > s.clean(r.number) * (1 + s.jitter) + SAME_TIME]
    return (
        too_wide(trace, s)
        and len(beyond) > len(later) / 4
        and all(
            r.pause <= s.clean(r.number) * (1 + s.jitter * r.number) + SAME_TIME for r in s.all()
        )
    )


def ignores_jitter(trace: Trace, s: Setting) -> bool:
    """Up to a quarter is added, whatever jitter says."""
    shares = _shares(s)
    quarter = min(shares) >= 1 - 1e-6 and 1 + 1e-6 < max(shares) <= 1.25 + 1e-6
    return s.jitter > 0 and s.jitter != 0.25 and quarter and _often_beyond(s)


def a_little_beyond(trace: Trace, s: Setting) -> bool:
    """The random part has an upper limit slightly beyond the window."""
    return unlimited(trace, s) and max(_shares(s)) - 1 <= s.jitter * 1.2


def unlimited(trace: Trace, s: Setting) -> bool:
    """Most pauses are in the window and some beyond it: the random part has no upper limit."""
    shares = _shares(s)
    beyond = sum(1 for share in shares if share > 1 + s.jitter + 1e-6)
    return s.jitter > 0 and min(shares) >= 1 - 1e-6 and beyond < len(shares) * 0.45


def whole_extra(trace: Trace, s: Setting) -> bool:
    """Up to the whole wait is added, whatever jitter says."""
    shares = _shares(s)
    most = max(1.4, 1 + s.jitter)
    random = len({round(share, 6) for share in shares}) > len(shares) / 2
    wide = s.jitter < 1 and min(shares) >= 1 - 1e-6 and most < max(shares) <= 2 + 1e-6
    return wide and random and _often_beyond(s)


def on_the_factor(trace: Trace, s: Setting) -> bool:
    """The first wait has no random part, whatever comes later."""
    firsts = [r for r in s.all() if r.number == 1]
    return s.jitter > 0 and all(abs(r.pause - s.delay) <= SAME_TIME for r in firsts)
