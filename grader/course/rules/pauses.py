"""Whether the pauses between tries are as asked, and if not, by which mistake.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from grader.course.kit.failures import Failure, Misconception, asked_of_trace, lines, span
from grader.course.kit.lesson import Consume, Pipeline
from grader.course.kit.world import Scenario
from grader.course.mistakes.crew import STATE_SHARED_BETWEEN_RUNS
from grader.course.mistakes.jitter import JITTER_IN_SECONDS, OTHER_JITTER_SCHEME
from grader.course.mistakes.loop import BLOCKS_THE_LOOP
from grader.course.mistakes.pauses import (
    SETTINGS_NOT_PASSED_ON,
    SLEEPS_BEFORE_FIRST_TRY,
    SLEEPS_IN_EX2,
    WRONG_PAUSE,
)
from grader.course.rules.models import MODELS
from grader.course.rules.setting import Setting, options_of
from grader.course.rules.window import seconds_both_ways
from grader.script import ALWAYS
from grader.trace import SAME_TIME, Event, Retry, Trace

__all__ = [
    "loop_never_blocked",
    "pauses_are",
    "pauses_hold",
    "retries_at_once",
    "settings_arrive",
    "with_its_pauses",
]

_OF_THE_LESSON = {"attempts", "delay", "backoff", "jitter", "consumers", "maxsize"}

# Seconds: a microsecond, plus the rounding error of a difference of two wall-clock times, which are whole
# microseconds in a float with a resolution of a quarter of one.
CLOCKS = 1.5 * SAME_TIME


@asked_of_trace
def loop_never_blocked(trace: Trace) -> None:
    """The event loop is never blocked: the others go on while one waits."""
    for stop in trace.blocked:
        raise BLOCKS_THE_LOOP(
            f"time.sleep() at line {stop.line} stopped the whole event loop for "
            f"{span(stop.seconds)}, at {stop.at:.3f} s: the other consumers stood still meanwhile.",
            "The event loop is never blocked: await asyncio.sleep(...) lets the others go on.",
            line=stop.line,
            at=stop.at,
        )


@asked_of_trace
def retries_at_once(trace: Trace) -> None:
    """No time passes between a failed try and the next."""
    for retry in trace.retries:
        if retry.pause > SAME_TIME:
            raise SLEEPS_IN_EX2(
                f"Between try {retry.number} of item {trace.name(retry.item)} (failed at "
                f"{retry.start:.3f} s) and the next, {retry.pause * 1000:.1f} ms passed.",
                "Retries are immediate here: no time passes between tries.",
                at=retry.start,
            )


def pauses_are(trace: Trace, scenario: Consume | Pipeline, *, jitter: float = 0.0) -> None:
    """Before retry k the pause is `delay * backoff ** (k - 1)`, plus at most `jitter` of that.

    jitter: the largest random addition, as a fraction (0: exactly the delay).
    """
    pauses_hold([(scenario, trace)], jitter=jitter)


def pauses_hold(
    runs: Sequence[tuple[Consume | Pipeline, Trace]], *, jitter: float | None = 0.0
) -> None:
    """`pauses_are` for several runs: a mistake is named only if it explains all of them.

    jitter: as in `pauses_are`; None uses each run's own setting.
    """
    wrong: list[Run] = []
    each = [one.options["jitter"] if jitter is None else jitter for one, _ in runs]
    for place, (scenario, trace) in enumerate(runs):
        allowed = each[place]
        retry = _first_wrong(trace, scenario, allowed)
        if retry is not None:
            # Where earlier calls were wrong, too, jitter may be ignored in all: then only the rest tells.
            earlier = [
                (one, allowed if wrong else its)
                for (one, _), its in zip(runs[:place], each, strict=False)
            ]
            _nothing_of_earlier(trace, earlier, retry, scenario)
            wrong.append((scenario, trace, retry, allowed))
    if wrong:
        first = wrong[0][2]
        failure = _explain(wrong).showing(at=first.start + first.pause, task=first.task)
        raise failure.about(wrong[0][1])


def with_its_pauses(
    failure: Failure, trace: Trace, scenario: Scenario, defaults: Mapping[str, Any]
) -> Failure:
    """For a run that lasted too long, the failure that names the pauses which made it so, if any did.

    defaults: of the functions called, by name; where others than the lesson's are among them, pauses may
        be longer for other reasons.
    """
    if trace.how != "time_limit" or not isinstance(scenario, Consume | Pipeline):
        return failure
    given = {**defaults, **scenario.options}
    if "delay" in given and _OF_THE_LESSON.issuperset(given):
        try:
            pauses_are(trace, scenario, jitter=given.get("jitter", 0.0))
        except Failure as cause:
            cause.why = failure.why
            return cause
    return failure


def window(options: Mapping[str, float], number: int) -> tuple[float, float] | None:
    """The shortest and longest wait after failed try `number`, in seconds: d and d * (1 + jitter).

    None if the options have no delay, or if no float is as large: who never gives up gets there.
    """
    if "delay" not in options:
        return None
    least = _grown(options["delay"], options.get("backoff", _DEFAULTS["backoff"]), number)
    return None if least == math.inf else (least, least * (1 + options.get("jitter", 0.0)))


def _grown(delay: float, backoff: float, number: int) -> float:
    """The wait after failed try `number` without jitter; infinite where no float is as large."""
    try:
        return float(delay * backoff ** (number - 1))
    except OverflowError:
        return math.inf if delay else 0.0


@asked_of_trace
def _nothing_of_earlier(
    trace: Trace,
    earlier: Sequence[tuple[Consume | Pipeline, float]],
    retry: Retry,
    scenario: Consume | Pipeline,
) -> None:
    """The pauses are not those that an earlier call of the same function should have.

    earlier: what was asked of each such call, with the jitter that it allows.
    """
    own = scenario.options.get("jitter", 0.0)
    mostly_right = 2 * sum(1 for _ in _wrong(trace, scenario, own)) < len(trace.retries)
    if len(trace.retries) < 3 or mostly_right:
        return
    for other, jitter in earlier:
        _, delay, backoff = options_of(other)
        default = (delay, backoff) == (_DEFAULTS["delay"], _DEFAULTS["backoff"])
        told_apart = delay > 10 * SAME_TIME  # from no wait at all
        if told_apart and not default and _first_wrong(trace, other, jitter) is None:
            asked = f"delay={delay:g}, backoff={backoff:g}"
            if other.options.get("jitter") != scenario.options.get("jitter"):
                asked += f", jitter={jitter:g}"
            raise STATE_SHARED_BETWEEN_RUNS(
                f"Item {trace.name(retry.item)} waited {retry.pause * 1000:.1f} ms before its retry: as "
                f"an earlier call was asked to, with {asked}. Something that is kept in the module, or "
                "in a default, outlives the call.",
                "Each call goes by its own settings, whatever was called before.",
            )


def _first_wrong(trace: Trace, scenario: Consume | Pipeline, jitter: float) -> Retry | None:
    return next(_wrong(trace, scenario, jitter), None)


def _wrong(trace: Trace, scenario: Consume | Pipeline, jitter: float) -> Iterator[Retry]:
    _, delay, backoff = options_of(scenario)
    for retry in trace.retries:
        clean = _grown(delay, backoff, retry.number)
        slack = CLOCKS + clean * 1e-9
        if not clean - slack <= retry.pause <= clean * (1 + jitter) + slack:
            yield retry


def settings_arrive(runs: Sequence[tuple[Pipeline, Trace]]) -> None:
    """The settings passed to `run_pipeline` reach its consumers, which do not run on the defaults."""
    _jitter_arrives(runs)
    asked = [scenario.options["attempts"] for scenario, _ in runs]
    counts = {len(trace.tries_of(i)) for scenario, trace in runs for i in _hopeless(scenario)}
    if counts != {_DEFAULTS["attempts"]} or set(asked) == counts:
        return
    if all(_waits_by_defaults(trace) for _, trace in runs):
        made = "4 tries each time, with the waits of the defaults, too"
    elif all(_first_wrong(trace, one, one.options["jitter"]) is None for one, trace in runs):
        made = "4 tries each time, as many as the default says"
    else:
        return
    raise _not_passed_on(asked, made).about(runs[0][1])


def _waits_by_defaults(trace: Trace) -> bool:
    delay, backoff, jitter = (_DEFAULTS[name] for name in ("delay", "backoff", "jitter"))
    clean = [(retry.pause, delay * backoff ** (retry.number - 1)) for retry in trace.retries]
    return all(low - SAME_TIME <= got <= low * (1 + jitter) + SAME_TIME for got, low in clean)


def _not_passed_on(asked: Sequence[int], made: str) -> Misconception:
    return SETTINGS_NOT_PASSED_ON(
        f"run_pipeline was given attempts={' or '.join(map(str, sorted({*asked})))}, and its "
        f"consumers made {made}.",
        "attempts, delay, backoff and jitter go from run_pipeline to every consumer.",
    )


def _jitter_arrives(runs: Sequence[tuple[Pipeline, Trace]]) -> None:
    """The random parts follow `jitter`, rather than its default, if all else is right."""
    default = _DEFAULTS["jitter"]
    wide, none = [], []
    for scenario, trace in runs:
        _, delay, backoff = options_of(scenario)
        for retry in trace.retries:
            clean = delay * backoff ** (retry.number - 1)
            share = retry.pause / clean - 1 if clean else 0.0
            if not -1e-6 <= share <= default + 1e-6:
                return
            if not scenario.options["jitter"]:
                none.append(share)
            elif scenario.options["jitter"] > 2 * default:
                wide.append(share)
    # Ten draws from a window at least twice as wide hardly ever all fall into its lower half.
    if none and max(none) > 1e-6 and len(wide) > 9:
        given = ", ".join(f"{scenario.options['jitter']:g}" for scenario, _ in runs)
        raise SETTINGS_NOT_PASSED_ON(
            f"run_pipeline was given jitter={given}, and its consumers added up to "
            f"{max(none + wide) * 100:.0f} % each time: as much as the default says.",
            "attempts, delay, backoff and jitter go from run_pipeline to every consumer.",
        ).about(runs[0][1])


_DEFAULTS = {"attempts": 4, "delay": 0.03, "backoff": 2.0, "jitter": 0.25}


def _hopeless(scenario: Consume | Pipeline) -> list[int]:
    return [i for i, job in enumerate(scenario.jobs) if job.fails == ALWAYS]


# -- the mistake behind a wrong pause ---------------------------------------------------------

Run = tuple["Consume | Pipeline", Trace, Retry, float]
"""A scenario, its trace, the first wrong pause in it, and the allowed jitter."""


def _explain(runs: Sequence[Run]) -> Misconception:
    """The failure for wrong pauses, with a known mistake if one fits all runs."""
    _scenario, trace, retry, _jitter = runs[0]
    if (early := _slept_first(trace)) is not None:
        return early
    settings = [_setting(*run) for run in runs]
    setting = settings[0]
    seen, asks = _words(trace, setting, retry)
    slept = [
        e
        for e in trace.of("timer")
        if e.task == retry.task and abs(e.at - retry.start - retry.pause) < SAME_TIME
    ]
    line = slept[-1].line if slept else None
    if seconds_both_ways(settings):
        words = "up to jitter seconds are added or taken away; jitter is a fraction of the wait."
        return JITTER_IN_SECONDS(f"{seen}{lines([line])}: {words}", asks, line=line)
    if _at_random(settings):
        words = "the whole wait is random, not a part added to it."
        return OTHER_JITTER_SCHEME(f"{seen}{lines([line])}: {words}", asks, line=line)
    for mistake, recognise, words in MODELS:
        if all(recognise(run[1], s) for run, s in zip(runs, settings, strict=True)):
            return mistake(f"{seen}{lines([line])}: {words}", asks, line=line)
    naps = _naps_in(trace, retry)
    if len(naps) > 1:
        found: list[int | None] = [*sorted({nap.line for nap in naps if nap.line})]
        return WRONG_PAUSE(
            f"{seen}: there are {len(naps)} waits in it{lines(found)}.",
            asks,
            line=line,
        )
    return WRONG_PAUSE(f"{seen}{lines([line])}.", asks, line=line)


def _slept_first(trace: Trace) -> Misconception | None:
    """The failure for a consumer that sleeps between taking an item and its first try; else None."""
    for item in dict.fromkeys(one.item for one in trace.tries):
        first = trace.tries_of(item)[0]
        got = [step for step in trace.gets if step.item == item and step.task == first.task]
        for event in trace.events[got[-1].order : first.order] if got else ():
            if event.kind == "timer" and event.task == first.task and event.data[0] > SAME_TIME:
                return SLEEPS_BEFORE_FIRST_TRY(
                    f"Item {trace.name(item)} was taken at {got[-1].at:.3f} s and begun only at "
                    f"{first.start:.3f} s: the consumer slept for {span(event.data[0])}"
                    f"{lines([event.line])}.",
                    "A waiting item is begun at once: only retries wait.",
                    line=event.line,
                )
    return None


def _naps_in(trace: Trace, retry: Retry) -> list[Event]:
    """The sleeps that make up a pause."""
    end = retry.start + retry.pause
    return [
        event
        for event in trace.of("timer")
        if event.task == retry.task
        and retry.start - SAME_TIME <= event.at - event.data[0]
        and event.at <= end + SAME_TIME
    ]


def _at_random(settings: Sequence[Setting]) -> bool:
    """Whether waits fluctuate around those asked for, although no random part is.

    Under any wrong formula, those of one item would drift in one direction.
    """
    turns = chances = shorter = 0
    for setting in settings:
        if setting.jitter:
            return False
        for retries in setting.pauses.values():
            shares = [r.pause / setting.clean(r.number) for r in retries if setting.clean(r.number)]
            steps = [b - a for a, b in pairwise(shares)]
            turns += sum(1 for a, b in pairwise(steps) if a * b < -1e-6)
            chances += max(0, len(steps) - 1)
            shorter += sum(1 for share in shares if share < 1 - 1e-6)
    return shorter > 0 and chances >= 6 and turns >= 0.3 * chances


def _setting(scenario: Consume | Pipeline, trace: Trace, _retry: Retry, jitter: float) -> Setting:
    given = scenario.options
    return Setting(
        given.get("delay", 0.03),
        given.get("backoff", 2.0),
        jitter,
        {item: trace.retries_of(item) for item in {r.item for r in trace.retries}},
        len(trace.items) > 1 and all(item == trace.items[0] for item in trace.items),
    )


def _digits_that_differ(retry: Retry, setting: Setting) -> int:
    """The number of decimals of a millisecond needed to show that this wait is not as asked."""
    low = setting.clean(retry.number) * 1000
    asked, waited = (low, low * (1 + setting.jitter)), retry.pause * 1000
    return next(
        (n for n in range(1, 6) if f"{waited:.{n}f}" not in [f"{one:.{n}f}" for one in asked]), 1
    )


def _words(trace: Trace, setting: Setting, retry: Retry) -> tuple[str, str]:
    mine = setting.pauses[retry.item]
    shown = mine[max(0, retry.number - 5) :][:5]  # ends at the wrong one, or starts at the first
    more = "..., " if shown[0] is not mine[0] else ""
    windows = [setting.clean(one.number) * 1000 for one in shown]
    digits, jitter = _digits_that_differ(retry, setting), setting.jitter
    got = more + ", ".join(f"{one.pause * 1000:.{digits}f}" for one in shown)
    asked = more + ", ".join(
        f"{low:.{digits}f}" + (f" to {low * (1 + jitter):.{digits}f}" if jitter else "")
        for low in windows
    )
    name = trace.name(retry.item)
    settings = f"delay={setting.delay:g}, backoff={setting.backoff:g}"
    if setting.jitter:
        settings += f", jitter={setting.jitter:g}"
    plural = "ies" if len(mine) > 1 else "y"
    return (
        f"Item {name} waited {got} ms before its retr{plural}",
        f"Asked with {settings}: {asked} ms.",
    )
