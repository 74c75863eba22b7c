"""What holds of random waits, asked of many of them: uniform, fresh, independent.

The bounds are wide enough that a right solution fails less than once in 10**9 runs, and the samples
large enough that the usual mistakes are far beyond them. Sources: for the largest distance between
the observed and the uniform distribution, the Dvoretzky-Kiefer-Wolfowitz inequality with Massart's
constant, P(D > d) <= 2 exp(-2 n d**2); a correlation of n independent pairs has a standard deviation
of about 1 / sqrt(n).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from grader.authoring.failures import Failure, Misconception, asked_of_trace, lines
from grader.scenario import Consume
from grader.trace import Trace

__all__ = [
    "flat",
    "grows_with_the_wait",
    "independent",
    "largest_crowd",
    "not_repeated",
    "parts",
    "serial",
    "spread",
    "uniform",
]

_RARE = 1e-10  # how likely a right solution may be refused by one of the bounds


def parts(trace: Trace, scenario: Consume) -> list[list[float]]:
    """The random part of each pause as a fraction of the window (0 to 1), item by item."""
    given = scenario.options
    rows = []
    for item in range(len(scenario.jobs)):
        row = []
        for retry in trace.retries_of(item):
            clean = given["delay"] * given["backoff"] ** (retry.number - 1)
            row.append((retry.pause - clean) / (clean * given["jitter"]))
        rows.append(row)
    return rows


def flat(rows: Sequence[Sequence[float]]) -> list[float]:
    """The fractions of all rows, one after the other."""
    return [value for row in rows for value in row]


def uniform(values: Sequence[float], what: str) -> None:
    """The fractions are spread evenly from 0 to 1."""
    ordered = sorted(values)
    count = len(ordered)
    _random_at_all(ordered)
    distance = max(
        max((place + 1) / count - value, value - place / count)
        for place, value in enumerate(ordered)
    )
    bound = math.sqrt(math.log(2 / _RARE) / (2 * count))
    if distance > bound or _moments_off(ordered):
        raise _why_not_uniform(ordered, what)
    # A thousand steps are fine enough; they leave more than this many different values.
    steps = len({round(value, 7) for value in ordered})
    enough = 0.55 * 1000 * (1 - math.exp(-count / 1000))
    if steps < enough:
        raise Misconception(
            "jitter-too-coarse",
            f"{what} took only {steps} different values in {count} retries.",
            "The random part is drawn from 0 to d * jitter, in a thousand steps or finer.",
        )


def _moments_off(values: Sequence[float]) -> bool:
    """Is the mean or the variance beyond 7 standard deviations of that of a uniform sample?

    Uniform on 0 to 1: mean 1/2 and variance 1/12; the sample's mean has the variance 1/12n, and its
    variance, with the fourth moment 1/80, the variance (1/80 - 1/144) / n.
    """
    count = len(values)
    mean = sum(values) / count
    variance = sum((value - 0.5) ** 2 for value in values) / count
    mean_off = abs(mean - 1 / 2) / math.sqrt(1 / 12 / count)
    variance_off = abs(variance - 1 / 12) / math.sqrt((1 / 80 - 1 / 144) / count)
    return max(mean_off, variance_off) > 7


_ASKS = "d + u: u drawn at random, afresh for every retry, uniformly from 0 to d * jitter."


def _why_not_uniform(ordered: Sequence[float], what: str) -> Failure:
    low, high = ordered[0], ordered[-1]
    steps = len({round(value, 6) for value in ordered})
    if steps <= len(ordered) / 20:
        return Misconception(
            "jitter-too-coarse",
            f"{what} took only {steps} different values in {len(ordered)} retries.",
            _ASKS,
        )
    if high - low < 0.9:
        return Misconception(
            "jitter-window-too-small",
            f"{what} used the window only from {low * 100:.0f} % to {high * 100:.0f} %.",
            _ASKS,
        )
    quarters = [0, 0, 0, 0]
    for value in ordered:
        quarters[min(3, max(0, int(value * 4)))] += 1
    shares = ", ".join(f"{100 * n / len(ordered):.0f}" for n in quarters)
    return Misconception(
        "jitter-not-uniform",
        f"{what} falls into the four quarters of the window with {shares} %.",
        _ASKS + " Each quarter gets about 25 %.",
    )


def independent(rows: Sequence[Sequence[float]], seeded: Sequence[int | None] = ()) -> None:
    """Nobody's draws follow from another's, or from the ones before.

    rows: the fractions, one row for each consumer, two or more values in each.
    seeded: the lines at which a generator was seeded while the consumers ran.
    """
    firsts, seconds = [row[0] for row in rows], [row[1] for row in rows]
    _random_at_all(firsts + seconds)
    _fine_enough(firsts, seconds)
    same = sum(1 for a, b in zip(firsts, seconds, strict=True) if abs(a - b) < 1e-5)
    if same > len(rows) / 2 and len(rows) - _crowd(firsts) > 12:
        raise Misconception(
            "jitter-once-per-consumer",
            f"{same} of {len(rows)} consumers added the same fraction before their first "
            "and before their second retry.",
            "The random part is drawn afresh for every retry.",
        )
    if seeded and _crowd(firsts) > len(firsts) / 3:
        raise Misconception(
            "seeded-in-step",
            f"{len(rows)} consumers failed at the same moment, and {_crowd(firsts)} of them added "
            f"just what another added: a generator was seeded on the way{lines([seeded[0]])}.",
            "A seed makes everybody draw the same numbers: leave the generator unseeded.",
            line=seeded[0],
        )
    _different(firsts, "first")
    _different(seconds, "second")
    _uncorrelated(firsts, seconds, "the first and the second retry of a consumer")
    _uncorrelated(firsts[:-1], firsts[1:], "the retries of neighbouring consumers")


def _random_at_all(values: Sequence[float]) -> None:
    low, high = min(values), max(values)
    if high - low < 1e-4 and (low < 1e-4 or low > 1 - 1e-4):
        share = "always the whole of the window" if low > 0.5 else "always 0"
        raise Misconception(
            "jitter-not-random",
            f"{len(values)} retries, and the added part was {share}: nothing is random.",
            _ASKS,
        )


def grows_with_the_wait(rows: Sequence[Sequence[float]], backoff: float) -> None:
    """The window of the second retry is `backoff` times that of the first, and is used."""
    seconds = [row[1] for row in rows]
    if max(seconds) <= 1.01 / backoff:
        raise Misconception(
            "jitter-of-base-delay",
            f"The random parts before the second retry used only {max(seconds) * 100:.0f} % of its "
            "window: they are as small as before the first.",
            "u goes from 0 to d * jitter, with the d of this retry, which has grown.",
        )


def _fine_enough(firsts: Sequence[float], seconds: Sequence[float]) -> None:
    steps = max(len({round(value, 4) for value in values}) for values in (firsts, seconds))
    if 1 < steps <= 12:
        raise Misconception(
            "jitter-too-coarse",
            f"The added parts of {len(firsts)} consumers took only {steps} different values.",
            _ASKS,
        )


def _crowd(values: Sequence[float]) -> int:
    """How many values another one equals."""
    return len(values) - len({round(value, 5) for value in values})


def _different(values: Sequence[float], which: str) -> None:
    crowd = _crowd(values)
    if crowd > len(values) / 3:
        raise Misconception(
            "jitter-shared-by-all",
            f"{len(values)} consumers failed at the same moment, and before their {which} retry "
            f"{crowd} of them added just what another added: they come back together.",
            "Draws are independent between consumers: each draws its own, for every retry.",
        )


def _uncorrelated(left: Sequence[float], right: Sequence[float], what: str) -> None:
    if abs(_correlation(left, right)) > 7 / math.sqrt(len(left)):
        raise Misconception(
            "jitter-follows-a-pattern",
            f"The random parts of {what} depend on each other.",
            "Every draw is independent of all others: no counter, no clock, no formula.",
        )


def _correlation(left: Sequence[float], right: Sequence[float]) -> float:
    count = len(left)
    mean_left, mean_right = sum(left) / count, sum(right) / count
    pairs = [(a - mean_left, b - mean_right) for a, b in zip(left, right, strict=True)]
    spread_left = math.sqrt(sum(a * a for a, _ in pairs))
    spread_right = math.sqrt(sum(b * b for _, b in pairs))
    if spread_left == 0 or spread_right == 0:
        return 0.0
    return sum(a * b for a, b in pairs) / (spread_left * spread_right)


def serial(values: Sequence[float]) -> None:
    """The draws of one consumer, one after the other, do not depend on each other."""
    for lag in (1, 2):
        _uncorrelated(values[:-lag], values[lag:], "retries that follow each other")


def not_repeated(first: Sequence[float], second: Sequence[float], code: str, message: str) -> None:
    """Two series of draws that should have nothing in common have nothing in common."""
    pool = {round(value, 5) for value in first}
    same = sum(1 for value in second if round(value, 5) in pool)
    if same > len(second) / 2:
        raise Misconception(
            code,
            message,
            "Draws are independent between consumers and between runs of the program: no fixed seed.",
        )


def largest_crowd(times: Sequence[float], width: float) -> int:
    """How many of the times fall into the fullest span of `width` seconds."""
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
    returns = [tries[1].start for tries in map(trace.tries_of, range(len(scenario.jobs)))]
    window = given["delay"] * given["jitter"]
    crowd = largest_crowd(returns, window / 5)
    if crowd > len(returns) * 0.6:
        raise Misconception(
            "herd-stays-together",
            f"Of {len(returns)} clients that failed at the same moment, {crowd} came back within "
            f"{window / 5 * 1000:.1f} ms.",
            f"They come back spread over the window of {window * 1000:.1f} ms, not together.",
        )
