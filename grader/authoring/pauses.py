"""Recognises the usual wrong ways to compute a wait, from the pauses in the trace."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations

from grader.authoring.failures import Misconception, lines
from grader.scenario import Consume, Pipeline
from grader.trace import SAME_TIME, Retry, Trace

__all__ = ["explain_pause"]


@dataclass(frozen=True)
class _Setting:
    """What the scenario asked for, and the pauses that came, item by item (in order of time).

    equal: its items are all equal.
    """

    delay: float
    backoff: float
    jitter: float
    pauses: dict[int, list[Retry]]
    equal: bool = False

    def clean(self, number: int) -> float:
        return self.delay * self.backoff ** (number - 1)

    def all(self) -> list[Retry]:
        return [retry for retries in self.pauses.values() for retry in retries]

    def by_task(self) -> list[list[Retry]]:
        """The pauses of each consumer, in order of time."""
        found: dict[int, list[Retry]] = {}
        for retry in sorted(self.all(), key=lambda one: one.start):
            found.setdefault(retry.task, []).append(retry)
        return list(found.values())


Run = tuple["Consume | Pipeline", Trace, Retry, float]
"""A scenario, its trace, the first pause in it that is wrong, and the jitter that was allowed."""


def explain_pause(runs: Sequence[Run]) -> Misconception:
    """The failure for pauses outside of what is asked, named if all runs fit a known mistake."""
    _scenario, trace, retry, _jitter = runs[0]
    settings = [_setting(*run) for run in runs]
    setting = settings[0]
    seen, asks = _words(trace, setting, retry)
    slept = [
        e
        for e in trace.of("timer")
        if e.task == retry.task and abs(e.at - retry.start - retry.pause) < SAME_TIME
    ]
    line = slept[-1].line if slept else None
    for code, recognise, words in _MODELS:
        if all(recognise(run[1], s) for run, s in zip(runs, settings, strict=True)):
            return Misconception(code, f"{seen}{lines([line])}: {words}", asks, line=line)
    return Misconception("wrong-pause", f"{seen}{lines([line])}.", asks, line=line)


def _setting(scenario: Consume | Pipeline, trace: Trace, _retry: Retry, jitter: float) -> _Setting:
    given = scenario.options
    return _Setting(
        given.get("delay", 0.03),
        given.get("backoff", 2.0),
        jitter,
        {item: trace.retries_of(item) for item in {r.item for r in trace.retries}},
        len(trace.items) > 1 and len(set(trace.items)) == 1,
    )


def _words(trace: Trace, setting: _Setting, retry: Retry) -> tuple[str, str]:
    mine = setting.pauses[retry.item]
    got = ", ".join(f"{one.pause * 1000:.1f}" for one in mine[:5])
    windows = [setting.clean(one.number) * 1000 for one in mine[:5]]
    if setting.jitter:
        asked = ", ".join(f"{low:.1f} to {low * (1 + setting.jitter):.1f}" for low in windows)
    else:
        asked = ", ".join(f"{low:.1f}" for low in windows)
    name = trace.name(retry.item)
    settings = f"delay={setting.delay:g}, backoff={setting.backoff:g}"
    if setting.jitter:
        settings += f", jitter={setting.jitter:g}"
    plural = "ies" if len(mine) > 1 else "y"
    return (
        f"Item {name} waited {got} ms before its retr{plural}",
        f"Asked with {settings}: {asked} ms.",
    )


def _fits(setting: _Setting, formula: Callable[[int], float], *, beyond: int = 1) -> bool:
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


def _none(trace: Trace, s: _Setting) -> bool:
    return all(retry.pause <= SAME_TIME for retry in s.all())


def _in_a_task(trace: Trace, s: _Setting) -> bool:
    workers = {retry.task for retry in s.all()}
    return _none(trace, s) and any(e.task not in workers for e in trace.of("timer"))


def _blocking(trace: Trace, s: _Setting) -> bool:
    return bool(trace.blocked)


def _constant(trace: Trace, s: _Setting) -> bool:
    return s.backoff != 1 and _fits(s, lambda k: s.delay, beyond=2)


def _linear(trace: Trace, s: _Setting) -> bool:
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
    )


def _ahead(trace: Trace, s: _Setting) -> bool:
    return s.backoff != 1 and _fits(s, lambda k: s.delay * s.backoff**k)


def _behind(trace: Trace, s: _Setting) -> bool:
    return any(
        _fits(s, formula, beyond=2)
        for formula in (
            lambda k: 0.0 if k == 1 else s.delay * s.backoff ** (k - 2),
            lambda k: s.delay * s.backoff ** max(0, k - 2),
            lambda k: 0.0 if k == 1 else s.delay * s.backoff ** (k - 1),
        )
    ) or _fits(s, lambda k: s.delay * s.backoff ** (k - 2))


def _power_of_delay(trace: Trace, s: _Setting) -> bool:
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


def _power_of_attempt(trace: Trace, s: _Setting) -> bool:
    return _fits(s, lambda k: s.delay * k**s.backoff, beyond=2)


def _xor(trace: Trace, s: _Setting) -> bool:
    factor = int(s.backoff)
    return any(
        _fits(s, formula, beyond=2)
        for formula in (
            lambda k: s.delay * (factor ^ k),
            lambda k: s.delay * (factor ^ (k - 1)),
        )
    )


def _from_the_start(trace: Trace, s: _Setting) -> bool:
    """The pause is what is left of the wait when the failed try has taken its time."""

    def fits(retry: Retry) -> bool:
        lasted = retry.start - trace.tries_of(retry.item)[retry.number - 1].start
        low = s.clean(retry.number) - lasted
        high = s.clean(retry.number) * (1 + s.jitter) - lasted
        return max(0.0, low) - 2 * SAME_TIME <= retry.pause <= max(0.0, high) + 2 * SAME_TIME

    return all(fits(retry) for retry in s.all())


def _rounded(trace: Trace, s: _Setting) -> bool:
    """Every pause is a whole number of steps, and less than a step away from what is asked."""
    for step in (0.001, 0.01, 0.1, 1.0):
        if all(
            abs(r.pause - round(r.pause / step) * step) <= SAME_TIME
            and s.clean(r.number) - step < r.pause < s.clean(r.number) * (1 + s.jitter) + step
            for r in s.all()
        ):
            return True
    return False


def _shrinks(trace: Trace, s: _Setting) -> bool:
    return s.backoff > 1 and all(
        len(retries) > 1 and all(b.pause < a.pause - SAME_TIME for a, b in pairwise(retries))
        for retries in s.pauses.values()
    )


def _grows_otherwise(trace: Trace, s: _Setting) -> bool:
    """It begins at delay, and never gets shorter, but by no factor that stays the same."""
    return not s.jitter and all(
        abs(retries[0].pause - s.delay) <= SAME_TIME
        and all(b.pause >= a.pause - SAME_TIME for a, b in pairwise(retries))
        for retries in s.pauses.values()
    )


def _forgets_delay(trace: Trace, s: _Setting) -> bool:
    return _fits(s, lambda k: s.backoff ** (k - 1)) or _fits(s, lambda k: s.backoff**k)


def _doubles(trace: Trace, s: _Setting) -> bool:
    return s.backoff != 2 and _fits(s, lambda k: s.delay * 2.0 ** (k - 1), beyond=2)


def _ignores_delay(trace: Trace, s: _Setting) -> bool:
    return s.delay != 0.03 and _fits(s, lambda k: 0.03 * s.backoff ** (k - 1))


def _capped(trace: Trace, s: _Setting) -> bool:
    top = max(retry.pause for retry in s.all())
    below = [r for r in s.all() if s.clean(r.number) > top * (1 + s.jitter) + SAME_TIME]
    return (
        bool(below)
        and top > s.delay + SAME_TIME
        and _fits(s, lambda k: min(s.clean(k), top / (1 + s.jitter) if s.jitter else top))
    )


def _floored(trace: Trace, s: _Setting) -> bool:
    low = min(retry.pause for retry in s.all())
    return low > s.delay + SAME_TIME and _fits(s, lambda k: max(s.clean(k), low / (1 + s.jitter)))


def _milliseconds(trace: Trace, s: _Setting) -> bool:
    return _fits(s, lambda k: s.clean(k) * 1000) or _fits(s, lambda k: s.clean(k) / 1000)


def _grows_from(trace: Trace, s: _Setting, first: Callable[[int, list[Retry]], bool]) -> bool:
    """Later items begin where `first` says; within an item each pause grows by the factor."""
    chains = sorted(s.pauses.values(), key=lambda retries: retries[0].start)
    return len(chains) > 1 and first(len(chains), [retries[0] for retries in chains])


def _carried_between_equals(trace: Trace, s: _Setting) -> bool:
    return s.equal and _carried_over(trace, s)


def _one_at_a_time(trace: Trace, s: _Setting) -> bool:
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


def _shared(trace: Trace, s: _Setting) -> bool:
    """Every pause is one of those asked for, but not the one of this consumer's own retries."""
    if len(s.by_task()) < 2 or s.backoff <= 1 or s.jitter:
        return False
    steps = [math.log(max(r.pause, 1e-12) / s.delay) / math.log(s.backoff) for r in s.all()]
    whole = all(step > -0.01 and abs(step - round(step)) < 1e-3 for step in steps)
    return whole and not _each_carries_its_own(s)


def _each_carries_its_own(s: _Setting) -> bool:
    return all(
        abs(b.pause - a.pause * s.backoff) <= SAME_TIME + a.pause * 1e-6
        for retries in s.by_task()
        for a, b in pairwise(retries)
    )


def _carried_over(trace: Trace, s: _Setting) -> bool:
    if s.backoff == 1:
        return False

    def longer(_count: int, firsts: list[Retry]) -> bool:
        opening = firsts[0].pause <= s.delay * (1 + s.jitter) + SAME_TIME
        later = [r for r in firsts[1:] if r.pause > s.delay * s.backoff * (1 - 1e-6)]
        return opening and bool(later)

    return s.backoff > 1 and _grows_from(trace, s, longer)


def _compounds(trace: Trace, s: _Setting) -> bool:
    """The random part of one wait is multiplied into the next."""
    if not s.jitter:
        return False
    for retries in s.pauses.values():
        for one, following in pairwise(retries):
            low = one.pause * s.backoff
            if not low - 1e-5 <= following.pause <= low * (1 + s.jitter) + 1e-5:
                return False
    return _first_in_window(s)


def _adds_up(trace: Trace, s: _Setting) -> bool:
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


def _first_in_window(s: _Setting) -> bool:
    firsts = [retries[0].pause for retries in s.pauses.values()]
    return all(s.delay - SAME_TIME <= p <= s.delay * (1 + s.jitter) + SAME_TIME for p in firsts)


def _shares(s: _Setting) -> list[float]:
    """Each pause as a multiple of its clean delay."""
    return [retry.pause / s.clean(retry.number) for retry in s.all() if s.clean(retry.number) > 0]


def _often_beyond(s: _Setting) -> bool:
    """Is more than a quarter of the pauses beyond the window, and not just a tail?"""
    shares = _shares(s)
    return sum(1 for share in shares if share > 1 + s.jitter + 1e-6) > len(shares) / 4


def _both_ways(trace: Trace, s: _Setting) -> bool:
    shares = _shares(s)
    return (
        s.jitter > 0
        and min(shares) < 1 - 1e-6
        and max(shares) > 1
        and min(shares) >= 1 - s.jitter - 1e-6
        and max(shares) <= 1 + s.jitter + 1e-6
    )


def _subtracts(trace: Trace, s: _Setting) -> bool:
    shares = _shares(s)
    return s.jitter > 0 and 1 - s.jitter - 1e-6 <= min(shares) and max(shares) <= 1 + 1e-6


def _other_scheme(trace: Trace, s: _Setting) -> bool:
    shares = _shares(s)
    return min(shares) < 1 - 1e-6 and (s.jitter > 0 or len(set(shares)) > len(shares) / 2)


def _only_jitter(trace: Trace, s: _Setting) -> bool:
    return s.jitter > 0 and max(_shares(s)) <= s.jitter + 1e-6


def _in_seconds(trace: Trace, s: _Setting) -> bool:
    extra = [retry.pause - s.clean(retry.number) for retry in s.all()]
    return (
        s.jitter > 0
        and min(extra) >= -SAME_TIME
        and max(extra) <= s.jitter + SAME_TIME
        and max(extra) > s.jitter * 0.5
    )


def _up_to_a_second(trace: Trace, s: _Setting) -> bool:
    """Whatever is asked, a number from 0 to 1 is added, as random.random() gives it."""
    windows = [s.clean(retry.number) * s.jitter for retry in s.all()]
    extra = [retry.pause - s.clean(retry.number) for retry in s.all()]
    beyond = sum(more > window + SAME_TIME for more, window in zip(extra, windows, strict=True))
    # The wider the window that is asked for, the fewer of them are beyond it.
    expected = sum(max(0.0, 1 - window) for window in windows)
    of_a_second = min(extra) >= -SAME_TIME and 0.5 < max(extra) <= 1 + SAME_TIME
    return s.jitter > 0 and of_a_second and beyond >= expected / 2


def _from_base(trace: Trace, s: _Setting) -> bool:
    extra = [retry.pause - s.clean(retry.number) for retry in s.all()]
    return (
        s.jitter > 0 and min(extra) >= -SAME_TIME and max(extra) <= s.delay * s.jitter + SAME_TIME
    )


def _takes_zero_for_default(trace: Trace, s: _Setting) -> bool:
    shares = _shares(s)
    return not s.jitter and min(shares) >= 1 - 1e-6 and 1 + 1e-6 < max(shares) <= 1.25 + 1e-6


def _too_wide(trace: Trace, s: _Setting) -> bool:
    shares = _shares(s)
    return s.jitter > 0 and min(shares) >= 1 - 1e-6 and max(shares) > 1 + s.jitter + 1e-6


def _grows_with_the_number(trace: Trace, s: _Setting) -> bool:
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


def _ignores_jitter(trace: Trace, s: _Setting) -> bool:
    shares = _shares(s)
    quarter = min(shares) >= 1 - 1e-6 and 1 + 1e-6 < max(shares) <= 1.25 + 1e-6
    return s.jitter > 0 and s.jitter != 0.25 and quarter and _often_beyond(s)


def _unlimited(trace: Trace, s: _Setting) -> bool:
    """Most are in the window, a few beyond its end: no upper limit."""
    shares = _shares(s)
    beyond = sum(1 for share in shares if share > 1 + s.jitter + 1e-6)
    return s.jitter > 0 and min(shares) >= 1 - 1e-6 and beyond < len(shares) * 0.45


def _swapped(trace: Trace, s: _Setting) -> bool:
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


def _whole_extra(trace: Trace, s: _Setting) -> bool:
    """Up to the whole wait is added, whatever jitter says."""
    shares = _shares(s)
    most = max(1.4, 1 + s.jitter)
    random = len({round(share, 6) for share in shares}) > len(shares) / 2
    wide = s.jitter < 1 and min(shares) >= 1 - 1e-6 and most < max(shares) <= 2 + 1e-6
    return wide and random and _often_beyond(s)


def _on_the_factor(trace: Trace, s: _Setting) -> bool:
    firsts = [r for r in s.all() if r.number == 1]
    return s.jitter > 0 and all(abs(r.pause - s.delay) <= SAME_TIME for r in firsts)


Recogniser = Callable[[Trace, _Setting], bool]

# In this order: the first that fits names the mistake.
_MODELS: Sequence[tuple[str, Recogniser, str]] = (
    ("sleep-not-awaited", _in_a_task, "the sleep runs in a task of its own that nobody awaits."),
    ("blocks-the-loop", _blocking, "time.sleep() stops everybody else, too."),
    ("no-backoff", _none, "the retries came back at once."),
    ("constant-delay", _constant, "the wait does not grow."),
    ("backoff-one-step-ahead", _ahead, "the first wait has been multiplied already."),
    ("backoff-one-step-behind", _behind, "the waits come one retry too late."),
    ("linear-backoff", _linear, "the wait grows by adding, not by multiplying."),
    ("ignores-backoff", _doubles, "it doubles, whatever backoff says."),
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
    ("forgets-delay", _forgets_delay, "delay is no part of it."),
    ("wrong-unit", _milliseconds, "it is a thousand times off: all times are in seconds."),
    ("delay-floored", _floored, "short waits are made longer."),
    ("pause-rounded", _rounded, "it was rounded to a whole number of steps."),
    ("backoff-shrinks", _shrinks, "each wait is shorter than the one before."),
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
        "equal-items-merged",
        _carried_between_equals,
        "it goes on where another item, which is equal, had ended.",
    ),
    ("delay-capped", _capped, "it stops growing."),
    ("arguments-swapped", _swapped, "it fits the settings handed on in the wrong places."),
    ("delay-replaced-by-jitter", _only_jitter, "only a random part is waited, without the delay."),
    ("jitter-compounds", _adds_up, "it has the random parts of the earlier waits in it."),
    ("jitter-compounds", _compounds, "each wait starts from the last one with its random part."),
    ("jitter-on-the-factor", _on_the_factor, "the factor is random, instead of the wait."),
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
        _carried_over,
        "it starts where the item before it had ended.",
    ),
    ("jitter-in-seconds", _in_seconds, "jitter is taken as seconds; it is a fraction of the wait."),
    ("jitter-of-base-delay", _from_base, "the random part does not grow with the wait."),
    ("other-jitter-scheme", _other_scheme, "the whole wait is random, not a part added to it."),
    ("jitter-window-too-large", _too_wide, "the random part is larger than d * jitter."),
    ("other-growth", _grows_otherwise, "it grows, but not by the factor backoff each time."),
)
