"""Whether in any second at most `rate` tries begin, and if not, by which mistake.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from grader.course.api import SAME_TIME, Misconception, Mistake, Try
from grader.course.ex12_listen_to_the_service.mistakes import (
    IGNORES_RATE,
    RATE_EXCEEDED,
    RATE_FOR_EACH_CONSUMER,
    RATE_IS_A_CONSTANT,
    RATE_LIMITS_CALLS_AT_ONCE,
    REFUSALS_FREE_OF_THE_RATE,
    RETRIES_NOT_LIMITED,
    SLOT_NOT_RESERVED,
    SLOT_TAKEN_TOO_EARLY,
    TOKEN_BUCKET,
    WINDOW_BY_THE_SECOND,
)
from grader.course.ex12_listen_to_the_service.service import SLACK, Run, Runs

__all__ = ["is_a_constant", "rate_holds", "refusals_count_too"]

SECOND = 1 - 5e-5
"""Seconds: a span that is a whole second, but for rounding.

Wall-clock times are multiples of a quarter of a microsecond: by so much each of 256 gaps may be off.
"""

Tries = Sequence[Try]


@dataclass(frozen=True)
class Crowd:
    """Tries of one call that began in one second, more than the rate allows.

    tries: all of the call. first, last: the places of the first and the last of the crowd.
    """

    run: Run
    tries: Tries
    first: int
    last: int

    @property
    def rate(self) -> int:
        return self.run.scenario.rate

    @property
    def excess(self) -> int:
        """How many there are more than the rate allows."""
        return self.last - self.first + 1 - self.rate

    @property
    def starts(self) -> list[float]:
        return [one.start for one in self.tries]


def rate_holds(runs: Runs) -> None:
    """In any second, half open, at most `rate` tries of one call begin."""
    found = _crowds(runs)
    if found:
        worst = max(found, key=_telling)
        raise _why_crowded(worst, runs).about(worst.run.trace)


def refusals_count_too(told: Runs, untold: Runs) -> None:
    """The rate holds where tries are refused, and where the same tries fail with another error."""
    crowds = _crowds(told)
    if crowds and untold and not _crowds(untold):
        words = ": where the same tries failed and were not refused, they kept to the rate"
        raise _crowded(REFUSALS_FREE_OF_THE_RATE, crowds[0], words).about(crowds[0].run.trace)
    rate_holds([*told, *untold])


def _crowds(runs: Runs) -> list[Crowd]:
    """The most crowded second of each call that has one with too many tries."""
    found = [_crowd(run, tries) for run in runs for tries in run.calls]
    return [crowd for crowd in found if crowd is not None]


def _telling(crowd: Crowd) -> tuple[bool, bool, float]:
    """Sort key: how well a crowd shows what is wrong."""
    return not crowd.run.scenario.unsaid, crowd.excess >= 3, crowd.excess / crowd.rate


def _crowd(run: Run, tries: Tries) -> Crowd | None:
    """The most tries that begin in one second, if they are too many."""
    starts = [one.start for one in tries]
    last = [bisect_left(starts, start + SECOND) - 1 for start in starts]
    first = max(range(len(starts)), key=lambda place: last[place] - place, default=0)
    crowd = Crowd(run, tries, first, last[first] if last else -1)
    return crowd if crowd.excess > 0 else None


def _why_crowded(crowd: Crowd, runs: Runs) -> Misconception:
    mistake, words = _reading(crowd, runs)
    return _crowded(mistake, crowd, words)


def _crowded(mistake: Mistake, crowd: Crowd, words: str) -> Misconception:
    one, over = crowd.tries[crowd.first], crowd.tries[crowd.first + crowd.rate]
    count, rate = crowd.last - crowd.first + 1, crowd.rate
    return mistake(
        f"With rate={rate}, {count} tries began in the second from {one.start:.3f} s on{words}.",
        f"At most {rate} in any second, of all consumers together, retries included: the one at "
        f"{over.start:.3f} s was too early.",
        at=over.start,
        task=over.task,
        item=over.item,
        line=over.line,
    )


def _reading(crowd: Crowd, runs: Runs) -> tuple[Mistake, str]:
    """The mistake, and words for it: the first that fits."""
    if _begins_when_one_ends(crowd) and _at_once(runs):
        return RATE_LIMITS_CALLS_AT_ONCE, ": never more than that ran at once, but they end soon"
    if _begins_when_one_ends(crowd) and not any(
        _waits(crowd, t) for t in crowd.tries if t.number > 1
    ):
        return IGNORES_RATE, ": as soon as a consumer was free, it began the next"
    if (constant := is_a_constant(runs)) is not None:
        return RATE_IS_A_CONSTANT, f", and no more than {constant} with any other rate"
    if _retries_go_free(crowd) and _first_tries_keep_to_it(runs):
        return (
            RETRIES_NOT_LIMITED,
            ": the first tries keep to the rate, and the retries do not wait",
        )
    return next(((mistake, words) for mistake, fits, words in _READINGS if fits(crowd)), _UNKNOWN)


# -- what the tries look like --------------------------------------------------------------------


def _limited(starts: Sequence[float], rate: int) -> bool:
    """Whether any second has at most `rate` of these moments."""
    return all(b - a >= SECOND for a, b in zip(starts, starts[rate:], strict=False))


def _peak(starts: Sequence[float]) -> int:
    """The most of these moments that lie in one second."""
    return max((bisect_left(starts, one + SECOND) - n for n, one in enumerate(starts)), default=0)


def _begins_when_one_ends(crowd: Crowd) -> bool:
    """Whether each first try begins at once when another try has ended."""
    ends = sorted((t.end_order, t.end) for t in crowd.tries if t.end_order and t.end is not None)
    for one in (t for t in crowd.tries if t.number == 1 and t.start > SAME_TIME):
        before = bisect_left(ends, (one.order, 0.0))
        if not before or one.start - ends[before - 1][1] > SAME_TIME:
            return False
    return True


def _at_once(runs: Runs) -> bool:
    """Whether never more than `rate` tries run at once, and so many do where there are more consumers."""
    large = [run for run in runs if run.scenario.consumers > run.scenario.rate]
    return bool(large) and all(_most_at_once(run) == run.scenario.rate for run in large)


def _waits(crowd: Crowd, again: Try) -> bool:
    """Whether a retry began later than the pause before it says."""
    failed = crowd.run.heard.tries_of(again.item)[again.number - 2]
    most = crowd.run.scenario.most(again.item, failed.number)
    return failed.end is not None and again.start - failed.end > most + SLACK


def _most_at_once(run: Run) -> int:
    """The most tries that ran at once."""
    steps = sorted(
        (when, step)
        for one in run.heard.tries
        for when, step in ((one.order, 1), (one.end_order or len(run.trace.events), -1))
    )
    most = now = 0
    for _, step in steps:
        now += step
        most = max(most, now)
    return most


def is_a_constant(runs: Runs) -> int | None:
    """The most tries in a second, where it is the same with each of several rates; else None."""
    peaks, rates = set(), set()
    for run in runs:
        peak, count = _peak([one.start for one in run.heard.tries]), len(run.heard.tries)
        if count > peak + 2 and not run.scenario.beside:  # it took more than a second
            peaks.add(peak)
            rates.add(run.scenario.rate)
    return peaks.pop() if len(peaks) == 1 < len(rates) else None


def _retries_go_free(crowd: Crowd) -> bool:
    later = [one for one in crowd.tries if one.number > 1]
    return bool(later) and not any(_waits(crowd, one) for one in later)


def _first_tries_keep_to_it(runs: Runs) -> bool:
    return all(
        _limited([one.start for one in tries if one.number == 1], run.scenario.rate)
        for run in runs
        for tries in run.calls
    )


def _by_the_second(crowd: Crowd) -> bool:
    """Whether each counted second has at most `rate`, wherever the counting begins."""
    starts = crowd.starts
    counted = (int(start + SAME_TIME) for start in starts)
    from_the_first = (int(start - starts[0] + SAME_TIME) for start in starts)
    ways = (counted, from_the_first, _seconds(starts))
    return _is_much(crowd) and any(max(Counter(way).values()) <= crowd.rate for way in ways)


def _seconds(starts: Sequence[float]) -> Iterator[int]:
    """The number of each start's second, where the next begins with the first start after the last."""
    began, number = starts[0], 0
    for start in starts:
        if start - began >= SECOND:
            began, number = start, number + 1
        yield number


def _is_much(crowd: Crowd) -> bool:
    """Whether the rate is exceeded by a half or more."""
    return crowd.excess >= max(3, crowd.rate / 2)


def _saved_up(crowd: Crowd) -> bool:
    """Whether it holds on average: `rate` a second, and at most one second's worth on top.

    In the second that has too many, others begin between the first and the last of them.
    """
    lowest, rate, starts = float("inf"), crowd.rate, crowd.starts
    for place, start in enumerate(starts[: crowd.last + 1]):
        lowest = min(lowest, place - rate * start)
        if place + 1 - rate * start - lowest > rate + 1.001:
            return False
    since = starts[crowd.first]
    between = any(since + 0.3 < start < since + 0.9 for start in starts)
    return _is_much(crowd) and between


def _made_up_for(crowd: Crowd) -> bool:
    """Whether it holds on average, counted from the very beginning."""
    rate, starts = crowd.rate, crowd.starts
    on_average = all(place <= rate * (start + 1) for place, start in enumerate(starts))
    shortest = min(b - a for a, b in zip(starts, starts[rate:], strict=False))
    regular = shortest >= 0.5  # a window that is too short
    return _is_much(crowd) and on_average and not regular


def _in_step(crowd: Crowd) -> bool:
    """Whether it holds where tries that begin together count as one."""
    starts = crowd.starts
    instants = [*starts[:1], *(b for a, b in pairwise(starts) if b - a > SAME_TIME)]
    if not _limited(instants, crowd.rate):
        return False
    return any(_wake_together(crowd, moment) for moment in instants)


def _each_for_itself(crowd: Crowd) -> bool:
    """Whether each consumer that waited began a fixed time after its own last, or `rate`-last, try.

    All begin their first one together.
    """
    own: dict[int, list[Try]] = defaultdict(list)
    for one in crowd.tries:
        own[one.task].append(one)
    gaps, seconds = set(), set()
    for mine in own.values():
        for place, (before, one) in enumerate(pairwise(mine), start=1):
            waited = before.end is not None and one.start - before.end > SAME_TIME
            if waited and one.number == 1:  # before a retry there is a pause
                gaps.add(round(one.start - before.start, 5))
                past = place - crowd.rate
                seconds.add(round(one.start - mine[past].start, 5) if past >= 0 else 0.0)
    together = len({round(mine[0].start, 5) for mine in own.values()}) == 1 < len(own)
    return together and (len(gaps) == 1 or seconds == {1.0})


def _woken_together(crowd: Crowd) -> bool:
    """Whether the first that was too early began together with another that had waited, too."""
    return _wake_together(crowd, crowd.tries[crowd.first + crowd.rate].start)


def _wake_together(crowd: Crowd, moment: float) -> bool:
    """Whether several consumers' timers end at a moment, and all of them begin a try then."""
    timers = {e.task for e in crowd.run.trace.of("timer") if abs(e.at - moment) <= SAME_TIME}
    begin = {one.task for one in crowd.tries if abs(one.start - moment) <= SAME_TIME}
    return len(timers & begin) > 1


def _after_a_pause(crowd: Crowd) -> bool:
    """Whether each late retry began when its pause was over, so it had waited before its pause."""
    scenario, trace = crowd.run.scenario, crowd.run.trace
    timers = {(e.task, round(e.at, 6)): e.data[0] for e in trace.of("timer")}
    late = [one for one in crowd.tries if one.number > 1 and _waits(crowd, one)]
    return bool(late) and all(
        scenario.least(again.item, again.number - 1) - SLACK
        <= timers.get((again.task, round(again.start, 6)), 0.0)
        <= scenario.most(again.item, again.number - 1) + SLACK
        for again in late
    )


_TOGETHER = ": several waited for the same moment"
_LATER = ": it makes up for a time in which fewer had begun"
_UNKNOWN = (RATE_EXCEEDED, "")
_READINGS: Sequence[tuple[Mistake, Callable[[Crowd], bool], str]] = (
    (SLOT_TAKEN_TOO_EARLY, _after_a_pause, ": some had been let through before their pause"),
    (
        WINDOW_BY_THE_SECOND,
        _by_the_second,
        ": some at the end of one counted second, and some in the next",
    ),
    (TOKEN_BUCKET, _saved_up, _LATER),
    (RATE_FOR_EACH_CONSUMER, _each_for_itself, ": each consumer has a pace of its own"),
    (SLOT_NOT_RESERVED, _in_step, _TOGETHER),
    (SLOT_NOT_RESERVED, _woken_together, _TOGETHER),
    (TOKEN_BUCKET, _made_up_for, _LATER),
)
