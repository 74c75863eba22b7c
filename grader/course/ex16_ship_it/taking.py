"""Whether few enough items are taken, and nobody is idle without need.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from grader.course.api import lines, span
from grader.course.ex16_ship_it.mistakes import (
    IDLE_CONSUMER,
    LOOKS_AGAIN,
    TOO_MUCH_TAKEN,
)
from grader.course.ex16_ship_it.shift import CLOCK, Facts
from grader.course.mistakes.bound import UNBOUNDED_QUEUE

__all__ = ["bounded", "idle_spans", "most_unsettled", "never_looks", "nobody_idle"]


LOOKS = 3  # timers of one line that ring for nothing: once or twice is no polling


def _steps(facts: Facts) -> list[tuple[float, str]]:
    """What changes the number of items taken, in hand or settled, by time."""
    steps = [(e.at, "taken") for e in facts.trace.taken if e.data[0] in facts.places]
    steps += [(one.start, "begun") for one in facts.tries if one.number == 1]
    steps += [(at, "settled") for at in facts.settled.values()]
    return sorted(steps)


def _states(facts: Facts) -> list[tuple[float, float, Counter[str]]]:
    """The numbers between two instants: from, to, and how many were taken, begun and settled."""
    found, counts = [], Counter[str]()
    steps = _steps(facts)
    for place, (at, what) in enumerate(steps):
        counts[what] += 1
        after = steps[place + 1][0] if place + 1 < len(steps) else facts.trace.clock
        if after - at > CLOCK:
            found.append((at, after, counts.copy()))
    return found


def bounded(facts: Facts) -> None:
    """At most `maxsize + consumers + 1` items are taken and not settled."""
    given = facts.given
    most = given["maxsize"] + given["consumers"] + 1
    for at, _after, counts in _states(facts):
        unsettled = counts["taken"] - counts["settled"]
        if unsettled > most:
            every = unsettled == len(facts.places)
            raise (UNBOUNDED_QUEUE if every else TOO_MUCH_TAKEN)(
                f"At {at:.3f} s {unsettled} items were taken and not settled.",
                f"At most {most}, with maxsize={given['maxsize']} and consumers={given['consumers']}.",
                at=at,
            )


def most_unsettled(facts: Facts) -> int:
    """The most items that were taken and not settled while time passed."""
    return max((n["taken"] - n["settled"] for _at, _after, n in _states(facts)), default=0)


def idle_spans(facts: Facts) -> Iterator[tuple[float, float, int, int, int]]:
    """Each period with fewer items in hand than wanted.

    From, to (seconds), the items in hand, those wanted, those not begun.
    """
    consumers = facts.given["consumers"]
    begins = facts.shift.begins
    first = min((one.start for one in facts.tries), default=begins)
    states = [(begins, first, Counter[str]())] if first - begins > CLOCK else []
    for at, after, counts in [*states, *_states(facts)]:
        if at >= facts.stop - CLOCK:
            return
        hands = counts["begun"] - counts["settled"]
        wanted = min(consumers, len(facts.places) - counts["settled"])
        if hands < wanted:
            yield at, after, hands, wanted, len(facts.places) - counts["begun"]


def nobody_idle(facts: Facts) -> None:
    """`consumers` items are in hand whenever there are so many left."""
    for at, after, hands, wanted, left in idle_spans(facts):
        raise IDLE_CONSUMER(
            f"From {at:.3f} s to {after:.3f} s only {hands} items were in hand, with "
            f"consumers={facts.given['consumers']} and {left} items not begun.",
            f"{wanted} items are in hand: nobody is idle while an item is left.",
            at=at,
        )


def never_looks(facts: Facts) -> None:
    """Timers ring at the ends of pauses and of time-outs, and when the grace is over."""
    trace, shift = facts.trace, facts.shift
    known = [one.start for one in trace.tries if one.number > 1]
    known += [one.start + facts.given["timeout"] for one in trace.tries]
    known = sorted([*known, facts.over])
    if shift.beside:
        return
    pauses: dict[int, list[tuple[float, float]]] = {}
    for retry in trace.retries:
        pauses.setdefault(retry.task, []).append((retry.start, retry.start + retry.pause))
    looks: Counter[tuple[int, int | None]] = Counter()
    for timer in trace.of("timer"):
        if timer.task in trace.labs or _is_near(timer.at, known):
            continue
        if any(since < timer.at < to for since, to in pauses.get(timer.task, ())):
            continue
        looks[timer.task, timer.line] += 1
        if looks[timer.task, timer.line] >= LOOKS:
            raise LOOKS_AGAIN(
                f"{trace.label(timer.task) if timer.task else 'A timer'} woke up {LOOKS} times by "
                f"{timer.at:.3f} s, and nothing had happened{lines([timer.line])}: the last time after "
                f"{span(timer.data[0])}.",
                "Waiting is awaiting: the stop, a queue and a task each wake whoever waits for them.",
                line=timer.line,
                at=timer.at,
                task=timer.task or None,
            )


def _is_near(at: float, known: Sequence[float]) -> bool:
    low, high = 0, len(known)
    while low < high:
        middle = (low + high) // 2
        if known[middle] < at - CLOCK:
            low = middle + 1
        else:
            high = middle
    return low < len(known) and known[low] <= at + CLOCK
