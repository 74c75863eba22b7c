"""Consumers that failed together: whether their retries spread over the window."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from grader.course.api import Failure, Trace, Try
from grader.course.ex16_ship_it.mistakes import RETURNS_TOGETHER
from grader.course.ex16_ship_it.shift import Facts, Shift
from grader.course.mistakes.draws import JITTER_ONCE_PER_CONSUMER, JITTER_ONCE_PER_ITEM

__all__ = ["SHARES", "afresh", "parts", "share_of_the_fullest", "spread"]

PIECE = 0.1  # of the window
SHARES = 2.0  # no piece holds more than so many times its share
FEW = 40  # draws: of fewer nothing is said
ALIKE = 1e-6  # of the window: what was drawn once, and used twice
LUCK = 6.0  # standard deviations above its share that chance does not bring


def parts(trace: Trace, shift: Shift, *, ceiling: bool | None = None) -> list[float]:
    """The random part of each pause without a `retry_after`, from 0 to 1, in order.

    ceiling: only of pauses that have reached max_delay, or only of the others.
    """
    facts = Facts(trace, shift)
    return [part for _one, part in _drawn(facts, ceiling)]


def _drawn(facts: Facts, ceiling: bool | None = None) -> Iterator[tuple[Try, float]]:
    """Each failed call without a `retry_after`, and the random part of the pause after it."""
    for one in facts.tries:
        again = facts.again(one)
        if again is None or one.end is None or facts.kind(one) != "failed":
            continue
        least, most = facts.window(one)
        at_ceiling = least >= float(facts.given["max_delay"])
        if facts.retry_after(one) or most <= least or ceiling not in (None, at_ceiling):
            continue
        yield one, (again.start - one.end - least) / (most - least)


def afresh(trace: Trace, shift: Shift) -> None:
    """The random part is drawn for each pause, and not once for all of an item or of a consumer."""
    facts = Facts(trace, shift)
    of_item: dict[int, list[tuple[Try, float]]] = {}
    of_task: dict[int, list[tuple[Try, float]]] = {}
    for one, part in _drawn(facts):
        of_item.setdefault(one.item, []).append((one, part))
        of_task.setdefault(one.task, []).append((one, part))
    pairs = [pair for row in of_item.values() for pair in pairwise(row)]
    alike = [pair for pair in pairs if abs(pair[0][1] - pair[1][1]) <= ALIKE]
    several = len({round(part, 5) for (_one, part), _ in alike}) > len(of_item) / 2
    if len(pairs) < FEW or len(alike) <= len(pairs) / 2 or not several:
        return
    between = [p for row in of_task.values() for p in pairwise(row) if p[0][0].item != p[1][0].item]
    same = sum(abs(left[1] - right[1]) <= ALIKE for left, right in between)
    consumer = bool(between) and same > len(between) / 2
    (first, part), (second, _) = alike[0]
    failure: Failure = (JITTER_ONCE_PER_CONSUMER if consumer else JITTER_ONCE_PER_ITEM)(
        f"The pauses after calls {first.number} and {second.number} of {facts.name(first.item)} both "
        f"ended after {part:.4%} of their windows; of {len(pairs)} such pairs {len(alike)} are alike.",
        "The pause is drawn afresh each time.",
        at=second.end,
        task=second.task,
        item=second.item,
    )
    raise failure.about(trace)


def spread(trace: Trace, shift: Shift) -> None:
    """No tenth of the window holds more than twice its share of the retries, chance aside."""
    for ceiling in (False, True):
        drawn = parts(trace, shift, ceiling=ceiling)
        if len(drawn) < FEW:
            continue
        crowd, since = _largest_crowd(drawn)
        share = PIECE * len(drawn)
        if crowd <= max(SHARES * share, share + LUCK * math.sqrt(share)):
            continue
        facts = Facts(trace, shift)
        pauses = (f for f in facts.tries if f.number > 1)
        first = next(pauses, None)
        at = first.start if first is not None else 0.0
        where = "at max_delay" if ceiling else "below max_delay"
        failure: Failure = RETURNS_TOGETHER(
            f"Of {len(drawn)} pauses {where}, {crowd} ended in the same tenth of their windows, "
            f"{max(0.0, 100 * since):.0f} % from the beginning: who failed together comes back together.",
            f"They spread evenly from p to p * (1 + jitter): a tenth holds about {len(drawn) // 10}.",
            at=at,
            task=first.task if first is not None else None,
            line=first.line if first is not None else None,
        )
        raise failure.about(trace)


def share_of_the_fullest(drawn: Sequence[float]) -> float:
    """The share of the draws in the fullest tenth of the window; 0 if there are none."""
    return _largest_crowd(drawn)[0] / len(drawn) if drawn else 0.0


def _largest_crowd(drawn: Sequence[float]) -> tuple[int, float]:
    """The most values in a piece of the window, and where that piece begins."""
    ordered = sorted(drawn)
    return max(
        (bisect_right(ordered, value + PIECE) - place, value) for place, value in enumerate(ordered)
    )
