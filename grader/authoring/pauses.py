"""Recognises the usual wrong ways to compute a wait, from the pauses in the trace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations

from grader.authoring.failures import Misconception, lines
from grader.scenario import Consume, Pipeline
from grader.trace import SAME_TIME, Retry, Trace

__all__ = ["explain_pause"]


@dataclass(frozen=True)
class _Setting:
    """What the scenario asked for, and the pauses that came, item by item (in order of time)."""

    delay: float
    backoff: float
    jitter: float
    pauses: dict[int, list[Retry]]

    def clean(self, number: int) -> float:
        return self.delay * self.backoff ** (number - 1)

    def all(self) -> list[Retry]:
        return [retry for retries in self.pauses.values() for retry in retries]


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


def _first_in_window(s: _Setting) -> bool:
    firsts = [retries[0].pause for retries in s.pauses.values()]
    return all(s.delay - SAME_TIME <= p <= s.delay * (1 + s.jitter) + SAME_TIME for p in firsts)


def _shares(s: _Setting) -> list[float]:
    """Each pause as a multiple of its clean delay."""
    return [retry.pause / s.clean(retry.number) for retry in s.all() if s.clean(retry.number) > 0]


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
    return s.jitter > 0 and min(shares) < 1 - 1e-6


def _in_seconds(trace: Trace, s: _Setting) -> bool:
    extra = [retry.pause - s.clean(retry.number) for retry in s.all()]
    return (
        s.jitter > 0
        and min(extra) >= -SAME_TIME
        and max(extra) <= s.jitter + SAME_TIME
        and max(extra) > s.jitter * 0.5
    )


def _from_base(trace: Trace, s: _Setting) -> bool:
    extra = [retry.pause - s.clean(retry.number) for retry in s.all()]
    return (
        s.jitter > 0 and min(extra) >= -SAME_TIME and max(extra) <= s.delay * s.jitter + SAME_TIME
    )


def _ignores_jitter(trace: Trace, s: _Setting) -> bool:
    shares = _shares(s)
    return s.jitter != 0.25 and min(shares) >= 1 - 1e-6 and 1 + 1e-6 < max(shares) <= 1.25 + 1e-6


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
    shares = _shares(s)
    return s.jitter > 0 and min(shares) >= 1 - 1e-6 and 1.5 + s.jitter < max(shares) <= 2 + 1e-6


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
    ("power-of-attempt", _power_of_attempt, "the number of the try is raised to a power."),
    ("forgets-delay", _forgets_delay, "delay is no part of it."),
    ("milliseconds", _milliseconds, "it is a thousand times off: all times are in seconds."),
    ("delay-floored", _floored, "short waits are made longer."),
    ("delay-capped", _capped, "it stops growing."),
    ("arguments-swapped", _swapped, "it fits the settings handed on in the wrong places."),
    ("jitter-compounds", _compounds, "each wait starts from the last one with its random part."),
    ("jitter-on-the-factor", _on_the_factor, "the factor is random, instead of the wait."),
    ("jitter-below-delay", _both_ways, "the random part goes both ways."),
    ("jitter-below-delay", _subtracts, "the random part is taken away instead of added."),
    ("jitter-not-uniform", _unlimited, "the random part has no upper limit."),
    ("ignores-jitter", _ignores_jitter, "up to a quarter is added, whatever jitter says."),
    (
        "delay-carried-to-next-item",
        _carried_over,
        "it starts where the item before it had ended.",
    ),
    ("jitter-in-seconds", _in_seconds, "jitter is taken as seconds; it is a fraction of the wait."),
    ("jitter-of-base-delay", _from_base, "the random part does not grow with the wait."),
    ("other-jitter-scheme", _other_scheme, "the whole wait is random, not a part added to it."),
    ("jitter-too-large", _whole_extra, "up to the whole wait is added, not the fraction jitter."),
)
