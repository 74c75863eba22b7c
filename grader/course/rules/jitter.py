"""Whether random waits, many of them, are spread evenly over their window.

The bounds are so wide that a correct solution fails less than once in 10**8 runs. Sources: for the
largest distance between the observed and the uniform distribution, the Dvoretzky-Kiefer-Wolfowitz
inequality with Massart's constant, P(D > d) <= 2 exp(-2 n d**2); for the other statistics the normal
distribution, which approximates sums of so many draws closely enough.

With 2,000 draws, a mean or a quartile that is off by a twentieth of the window is off by at least 4.5
standard deviations: not enough to refuse, as the bound for each of the five statistics is 6.5. So there
are two rounds: if one of them exceeds `DOUBT`, 3.3, which happens to a correct solution once in 200 runs
(5 * 0.00097), five times as many are drawn, which makes it at least 9 standard deviations.
(`tests/test_jitter.py` simulates both.)
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Sequence

from grader.course.kit.draw import Draw
from grader.course.kit.failures import Failure, asked_of_trace
from grader.course.kit.lesson import Consume, Job, Pipeline
from grader.course.mistakes.jitter import (
    JITTER_NOT_RANDOM,
    JITTER_NOT_UNIFORM,
    JITTER_OF_BASE_DELAY,
    JITTER_TOO_COARSE,
    JITTER_WINDOW_TOO_SMALL,
)
from grader.course.rules.pauses import pauses_are
from grader.course.rules.tries import settled_and_tried
from grader.script import ALWAYS
from grader.trace import Retry, Trace

__all__ = [
    "ASKS",
    "as_drawn",
    "default_in_force",
    "doubtful",
    "fine_enough",
    "flat",
    "grows_with_the_wait",
    "largest_crowd",
    "late_parts",
    "no_lump",
    "one_by_one",
    "one_by_one_holds",
    "parts",
    "random_at_all",
    "random_before_each",
    "spread",
    "uneven",
    "uniform",
    "uniform_in_two_rounds",
    "wide_window",
]

Run = tuple["Consume | Pipeline", Trace]
_RARE = 1e-10  # the probability that one of the bounds refuses a correct solution


def parts(trace: Trace, scenario: Consume | Pipeline) -> list[list[float]]:
    """The random part of each pause as a fraction of the window (0 to 1), one row per item.

    Only for items that are in the queue from the start.
    """
    return _parts(trace, scenario, [i for i, job in enumerate(scenario.jobs) if not job.at])


def late_parts(trace: Trace, scenario: Consume) -> list[tuple[list[float], list[float]]]:
    """For each item that came later: the parts of its consumer's first item, and its own."""
    pairs = []
    for late in (i for i, job in enumerate(scenario.jobs) if job.at):
        tries = trace.tries_of(late)
        firsts = (t.item for t in trace.tries if tries and t.task == tries[0].task)
        before, after = _parts(trace, scenario, [next(firsts, late), late])
        if before and len(before) == len(after):
            pairs.append((before, after))
    return pairs


def as_drawn(trace: Trace, scenario: Consume) -> list[float]:
    """The random parts of all consumers' pauses, in the order in which the tries before them failed."""
    failed = {(one.item, one.number): one.end_order or 0 for one in trace.tries}
    ordered = sorted(trace.retries, key=lambda retry: failed[retry.item, retry.number])
    return [_part(retry, scenario) for retry in ordered]


def _parts(trace: Trace, scenario: Consume | Pipeline, items: Sequence[int]) -> list[list[float]]:
    return [[_part(retry, scenario) for retry in trace.retries_of(item)] for item in items]


def _part(retry: Retry, scenario: Consume | Pipeline) -> float:
    given = scenario.options
    clean: float = given["delay"] * given["backoff"] ** (retry.number - 1)
    part: float = (retry.pause - clean) / (clean * given["jitter"])
    return part


def flat(rows: Sequence[Sequence[float]]) -> list[float]:
    """The fractions of all rows in one list."""
    return [value for row in rows for value in row]


def fine_enough(values: Sequence[float], what: str) -> None:
    """The values have more than about a hundred steps: 300 draws from 200 steps hit more than that."""
    steps = len({round(value, 5) for value in values})
    if len(values) >= 300 and 1 < steps <= 105:
        raise JITTER_TOO_COARSE(
            f"{what} took only {steps} different values in {len(values)} retries.",
            "The random part is drawn from 0 to d * jitter, in a thousand steps or finer.",
        )


def uniform(values: Sequence[float], what: str) -> None:
    """The fractions are spread evenly from 0 to 1."""
    ordered = sorted(values)
    count = len(ordered)
    random_at_all(ordered)
    fine_enough(ordered, what)
    if uneven(ordered):
        raise _why_not_uniform(ordered, what)
    # Some of so many draws come closer to each end: 0.97 ** 700 < 1e-9.
    if count >= 700 and (ordered[0] > 0.03 or ordered[-1] < 0.97):
        raise JITTER_WINDOW_TOO_SMALL(
            f"{what} used the window only from {ordered[0] * 100:.0f} % to {ordered[-1] * 100:.0f} %.",
            ASKS,
        )


DOUBT, CERTAIN = 3.3, 6.5  # standard deviations
ROUNDS = 5  # further rounds of draws, in case of doubt


def doubtful(values: Sequence[float]) -> bool:
    """Whether more draws are needed for a verdict; rarely true for uniform draws."""
    return _farthest_off(values) > DOUBT


async def uniform_in_two_rounds(
    values: Sequence[float], again: Callable[[], Awaitable[Sequence[float]]], what: str
) -> None:
    """As `uniform`, but with more draws in case of doubt; `again` returns one more round of them."""
    drawn = list(values)
    if doubtful(drawn):
        for _round in range(ROUNDS):
            drawn += await again()
    uniform(drawn, what)


def one_by_one(draw: Draw) -> Consume:
    """1,495 retries of one consumer, in the lesson's window of 7.5 ms; two items come twice."""
    first, second, third = draw.items(3)
    items = first, second, second, third, third
    options = {"attempts": 300, "delay": 0.03, "backoff": 1.0, "jitter": 0.25}
    return Consume(tuple(Job(item, 0.0, ALWAYS) for item in items), options=options)


def one_by_one_holds(trace: Trace, scenario: Consume) -> None:
    """In a run of `one_by_one`, each item has as many tries as asked and every pause is in its window."""
    settled_and_tried(trace, scenario)
    pauses_are(trace, scenario, jitter=scenario.options["jitter"])


def uneven(values: Sequence[float]) -> bool:
    """Whether the values are spread over 0 to 1 differently from independent uniform draws."""
    ordered = sorted(values)
    return _uneven(ordered) or _farthest_off(ordered) > CERTAIN


def _uneven(ordered: Sequence[float]) -> bool:
    """Whether the largest distance to the uniform distribution is too large for chance."""
    count = len(ordered)
    distance = max(
        max((place + 1) / count - value, value - place / count)
        for place, value in enumerate(ordered)
    )
    return distance > math.sqrt(math.log(2 / _RARE) / (2 * count))


def _farthest_off(values: Sequence[float]) -> float:
    """The largest deviation among mean, variance and quartiles, in standard deviations.

    The uniform distribution on 0 to 1 has the mean 1/2, the variance 1/12 and the fourth central moment
    1/80. So the variance of the sample's mean is 1/12n, that of its variance (1/80 - 1/144) / n, and that
    of the share of values below p is p (1 - p) / n.
    """
    count = len(values)
    mean = sum(values) / count
    variance = sum((value - 0.5) ** 2 for value in values) / count
    mean_off = abs(mean - 1 / 2) / math.sqrt(1 / 12 / count)
    variance_off = abs(variance - 1 / 12) / math.sqrt((1 / 80 - 1 / 144) / count)
    below = ((p, sum(1 for value in values if value < p) / count) for p in (0.25, 0.5, 0.75))
    quartiles_off = (abs(share - p) / math.sqrt(p * (1 - p) / count) for p, share in below)
    return max(mean_off, variance_off, *quartiles_off)


ASKS = "d + u: u drawn at random, afresh for every retry, uniformly from 0 to d * jitter."


def _why_not_uniform(ordered: Sequence[float], what: str) -> Failure:
    low, high = ordered[0], ordered[-1]
    steps = len({round(value, 6) for value in ordered})
    if steps <= len(ordered) / 20:
        return JITTER_TOO_COARSE(
            f"{what} took only {steps} different values in {len(ordered)} retries.",
            ASKS,
        )
    if high - low < 0.8 and _has_edges(ordered):
        return JITTER_WINDOW_TOO_SMALL(
            f"{what} used the window only from {low * 100:.0f} % to {high * 100:.0f} %.",
            ASKS,
        )
    quarters = [0, 0, 0, 0]
    for value in ordered:
        quarters[min(3, max(0, int(value * 4)))] += 1
    shares = ", ".join(f"{100 * n / len(ordered):.0f}" for n in quarters)
    return JITTER_NOT_UNIFORM(
        f"{what} falls into the four quarters of the window with {shares} %.",
        ASKS + " Each quarter gets about 25 %.",
    )


def _has_edges(ordered: Sequence[float]) -> bool:
    """Whether the ends of the range are about as full as the rest: at least 4 % in each outer tenth."""
    tenth = (ordered[-1] - ordered[0]) / 10
    bottom = sum(1 for value in ordered if value < ordered[0] + tenth)
    top = sum(1 for value in ordered if value > ordered[-1] - tenth)
    return min(bottom, top) >= 0.04 * len(ordered)


def random_at_all(values: Sequence[float]) -> None:
    """The fractions are not all 0 or all 1."""
    low, high = min(values), max(values)
    if high - low < 1e-4 and (low < 1e-4 or low > 1 - 1e-4):
        share = "always the whole of the window" if low > 0.5 else "always 0"
        raise JITTER_NOT_RANDOM(
            f"Before {len(values)} retries the added part was {share}: nothing is random.",
            ASKS,
        )


def no_lump(values: Sequence[float]) -> None:
    """Adding exactly nothing or exactly the whole window is rare, while the others are random."""
    for end, what in ((0.0, "nothing at all"), (1.0, "just the whole window")):
        lump = sum(1 for value in values if abs(value - end) < 1e-5)
        # With a thousand steps, each gets about 2 of 2,000 draws: 40 cannot be chance.
        if len(values) / (50 if len(values) >= 400 else 10) < lump < len(values) - 1:
            raise JITTER_NOT_UNIFORM(
                f"Before {lump} of {len(values)} retries {what} was added, before the others random "
                "parts.",
                ASKS,
            )


def random_before_each(rows: Sequence[Sequence[float]], what: str) -> None:
    """Before each retry (the first, the second and so on) at least one consumer adds something."""
    for number, fractions in enumerate(zip(*rows, strict=False), start=1):
        if max(fractions) < 1e-5:
            raise JITTER_NOT_RANDOM(
                f"{what} before retry {number} of {len(fractions)} consumers was always 0.",
                ASKS,
            )


def grows_with_the_wait(rows: Sequence[Sequence[float]], backoff: float) -> None:
    """The random parts of the second retry use its whole window, `backoff` times that of the first."""
    seconds = [row[1] for row in rows]
    if max(seconds) <= 1.01 / backoff:
        raise JITTER_OF_BASE_DELAY(
            f"The random parts before the second retry used only {max(seconds) * 100:.0f} % of its "
            "window: they are as small as before the first.",
            "u goes from 0 to d * jitter, with the d of this retry, which has grown.",
        )


@asked_of_trace
def wide_window(trace: Trace, scenario: Consume) -> None:
    """The upper half of a window wider than the wait itself is used.

    scenario: one with 30 retries or more; all stay in the lower half with a probability of 2 ** -30.
    """
    values = flat(parts(trace, scenario))
    if values and max(values) <= 0.5:
        raise JITTER_WINDOW_TOO_SMALL(
            f"With jitter={scenario.options['jitter']:g} the random parts of {len(values)} retries used "
            f"only {max(values) * 100:.0f} % of the window.",
            ASKS,
        )


def default_in_force(said: Run, unsaid: Run) -> None:
    """The default of `jitter` opens as wide a window as asked for.

    Does not judge a window that is too small in both runs, or draws that are not fresh.

    said: a run in which jitter was passed.
    unsaid: a run with the default and 30 retries or more; all stay in the lower half with a probability
        of 2 ** -30.
    """
    scenario, trace = unsaid
    window_by_default(flat(parts(said[1], said[0])), flat(parts(trace, scenario)), trace)


def window_by_default(said: Sequence[float], values: Sequence[float], trace: Trace) -> None:
    """`default_in_force` for an exercise that measures the random parts (0 to 1) itself.

    said: with jitter passed. values: with the default, 30 or more. trace: where those come from.
    """
    reached = max(values, default=1.0)
    fresh = len({round(value, 5) for value in values}) > len(values) / 2
    small = reached < 1e-5 or (fresh and reached <= 0.5)
    if small and max(said) > 0.5:
        raise JITTER_WINDOW_TOO_SMALL(
            f"the random parts used only {reached * 100:.0f} % of the window.",
            ASKS,
        ).about(trace)


def largest_crowd(times: Sequence[float], width: float) -> int:
    """The most times that fall into any span of `width` seconds."""
    ordered = sorted(times)
    most = begin = 0
    for end, time in enumerate(ordered):
        while time - ordered[begin] > width:
            begin += 1
        most = max(most, end - begin + 1)
    return most


@asked_of_trace
def spread(trace: Trace, scenario: Consume) -> None:
    """Clients that failed at the same moment come back spread over the window."""
    given = scenario.options
    together = (item for item, job in enumerate(scenario.jobs) if not job.at)
    returns = [tries[1].start for tries in map(trace.tries_of, together)]
    window = given["delay"] * given["jitter"]
    crowd = largest_crowd(returns, window / 5)
    if crowd > len(returns) * 0.6:
        raise JITTER_NOT_UNIFORM(
            f"Of {len(returns)} clients that failed at the same moment, {crowd} came back within "
            f"{window / 5 * 1000:.1f} ms.",
            f"They come back spread over the window of {window * 1000:.1f} ms, not together.",
        )
