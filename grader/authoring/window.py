"""The usual wrong ways to add a random part to a wait, recognised by the pauses of a run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations, pairwise

from grader.authoring.growth import carried_over
from grader.authoring.setting import Model, Setting
from grader.trace import SAME_TIME, Trace

__all__ = ["MODELS"]


def _compounds(trace: Trace, s: Setting) -> bool:
    """The random part of one wait is multiplied into the next."""
    if not s.jitter:
        return False
    for retries in s.pauses.values():
        for one, following in pairwise(retries):
            low = one.pause * s.backoff
            if not low - 1e-5 <= following.pause <= low * (1 + s.jitter) + 1e-5:
                return False
    return _first_in_window(s)


def _adds_up(trace: Trace, s: Setting) -> bool:
    """The random part of each wait has those of the waits before it in it."""
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


def _first_in_window(s: Setting) -> bool:
    firsts = [retries[0].pause for retries in s.pauses.values()]
    return all(s.delay - SAME_TIME <= p <= s.delay * (1 + s.jitter) + SAME_TIME for p in firsts)


def _shares(s: Setting) -> list[float]:
    """Each pause as a multiple of its clean delay (of none: 1 where it is as asked)."""
    return [_share(retry.pause, s.clean(retry.number)) for retry in s.all()]


def _share(pause: float, clean: float) -> float:
    if clean > 0:
        return pause / clean
    return 1.0 if pause <= SAME_TIME else math.inf


def _often_beyond(s: Setting) -> bool:
    """Is more than a quarter of the pauses beyond the window, and not just a tail?"""
    shares = _shares(s)
    return sum(1 for share in shares if share > 1 + s.jitter + 1e-6) > len(shares) / 4


def _both_ways(trace: Trace, s: Setting) -> bool:
    shares = _shares(s)
    return (
        s.jitter > 0
        and min(shares) < 1 - 1e-6
        and max(shares) > 1
        and min(shares) >= 1 - s.jitter - 1e-6
        and max(shares) <= 1 + s.jitter + 1e-6
    )


def _subtracts(trace: Trace, s: Setting) -> bool:
    shares = _shares(s)
    return s.jitter > 0 and 1 - s.jitter - 1e-6 <= min(shares) and max(shares) <= 1 + 1e-6


def _other_scheme(trace: Trace, s: Setting) -> bool:
    shares = _shares(s)
    if s.jitter > 0:
        return min(shares) < 1 - 1e-6
    # Where no jitter is asked for, it is random when two waits for the same retry are not alike.
    again = [(a, b) for a, b in combinations(s.all(), 2) if a.number == b.number]
    return min(shares) < 1 - 1e-6 and any(abs(a.pause - b.pause) > SAME_TIME for a, b in again)


def _random_otherwise(trace: Trace, s: Setting) -> bool:
    shares = _shares(s)
    return s.jitter > 0 and len({round(share, 6) for share in shares}) > len(shares) / 2


def _only_jitter(trace: Trace, s: Setting) -> bool:
    return s.jitter > 0 and max(_shares(s)) <= s.jitter + 1e-6


def _in_seconds(trace: Trace, s: Setting) -> bool:
    extra = [retry.pause - s.clean(retry.number) for retry in s.all()]
    return (
        s.jitter > 0
        and min(extra) >= -SAME_TIME
        and max(extra) <= s.jitter + SAME_TIME
        and max(extra) > s.jitter * 0.5
    )


def _up_to_a_second(trace: Trace, s: Setting) -> bool:
    """Whatever is asked, a number from 0 to 1 is added, as random.random() gives it."""
    windows = [s.clean(retry.number) * s.jitter for retry in s.all()]
    extra = [retry.pause - s.clean(retry.number) for retry in s.all()]
    beyond = sum(more > window + SAME_TIME for more, window in zip(extra, windows, strict=True))
    # The wider the window that is asked for, the fewer of them are beyond it.
    expected = sum(max(0.0, 1 - window) for window in windows)
    of_a_second = min(extra) >= -SAME_TIME and 0.5 < max(extra) <= 1 + SAME_TIME
    return s.jitter > 0 and of_a_second and beyond >= expected / 2


def _from_base(trace: Trace, s: Setting) -> bool:
    extra = [retry.pause - s.clean(retry.number) for retry in s.all()]
    return (
        s.jitter > 0 and min(extra) >= -SAME_TIME and max(extra) <= s.delay * s.jitter + SAME_TIME
    )


def _takes_zero_for_default(trace: Trace, s: Setting) -> bool:
    shares = _shares(s)
    return not s.jitter and min(shares) >= 1 - 1e-6 and 1 + 1e-6 < max(shares) <= 1.25 + 1e-6


def _too_wide(trace: Trace, s: Setting) -> bool:
    shares = _shares(s)
    return s.jitter > 0 and min(shares) >= 1 - 1e-6 and max(shares) > 1 + s.jitter + 1e-6


def _grows_with_the_number(trace: Trace, s: Setting) -> bool:
    """The window is wider by the number of the retry, too."""
    later = [r for r in s.all() if r.number > 1]
    beyond = [r for r in later if r.pause > s.clean(r.number) * (1 + s.jitter) + SAME_TIME]
    return (
        _too_wide(trace, s)
        and len(beyond) > len(later) / 4
        and all(
            r.pause <= s.clean(r.number) * (1 + s.jitter * r.number) + SAME_TIME for r in s.all()
        )
    )


def _ignores_jitter(trace: Trace, s: Setting) -> bool:
    shares = _shares(s)
    quarter = min(shares) >= 1 - 1e-6 and 1 + 1e-6 < max(shares) <= 1.25 + 1e-6
    return s.jitter > 0 and s.jitter != 0.25 and quarter and _often_beyond(s)


def _unlimited(trace: Trace, s: Setting) -> bool:
    """Most are in the window, a few beyond its end: no upper limit."""
    shares = _shares(s)
    beyond = sum(1 for share in shares if share > 1 + s.jitter + 1e-6)
    return s.jitter > 0 and min(shares) >= 1 - 1e-6 and beyond < len(shares) * 0.45


def _whole_extra(trace: Trace, s: Setting) -> bool:
    """Up to the whole wait is added, whatever jitter says."""
    shares = _shares(s)
    most = max(1.4, 1 + s.jitter)
    random = len({round(share, 6) for share in shares}) > len(shares) / 2
    wide = s.jitter < 1 and min(shares) >= 1 - 1e-6 and most < max(shares) <= 2 + 1e-6
    return wide and random and _often_beyond(s)


def _on_the_factor(trace: Trace, s: Setting) -> bool:
    firsts = [r for r in s.all() if r.number == 1]
    return s.jitter > 0 and all(abs(r.pause - s.delay) <= SAME_TIME for r in firsts)


# In this order, after those of `growth`: the first that fits names the mistake. The wait that is carried
# over stands among them, before those that would fit its pauses as well.
MODELS: Sequence[Model] = (
    ("jitter-on-the-factor", _on_the_factor, "the factor is random, instead of the wait."),
    ("delay-replaced-by-jitter", _only_jitter, "only a random part is waited, without the delay."),
    ("jitter-compounds", _adds_up, "it has the random parts of the earlier waits in it."),
    ("jitter-compounds", _compounds, "each wait starts from the last one with its random part."),
    ("jitter-below-delay", _both_ways, "the random part goes both ways."),
    ("jitter-below-delay", _subtracts, "the random part is taken away instead of added."),
    ("ignores-jitter", _ignores_jitter, "up to a quarter is added, whatever jitter says."),
    ("jitter-in-seconds", _up_to_a_second, "up to a whole second is added, whatever the wait is."),
    (
        "zero-taken-for-default",
        _takes_zero_for_default,
        "up to a quarter is added, though jitter is 0.",
    ),
    (
        "jitter-window-too-large",
        _grows_with_the_number,
        "the window has grown with d already, and is made wider once more.",
    ),
    ("ignores-jitter", _whole_extra, "up to the whole wait is added, not the fraction jitter."),
    ("jitter-not-uniform", _unlimited, "the random part has no upper limit."),
    (
        "delay-carried-to-next-item",
        carried_over,
        "it starts where the item before it had ended.",
    ),
    ("jitter-in-seconds", _in_seconds, "jitter is taken as seconds; it is a fraction of the wait."),
    ("jitter-of-base-delay", _from_base, "the random part does not grow with the wait."),
    ("other-jitter-scheme", _other_scheme, "the whole wait is random, not a part added to it."),
    ("jitter-window-too-large", _too_wide, "the random part is larger than d * jitter."),
    ("other-jitter-scheme", _random_otherwise, "it is random in another way than asked."),
)
