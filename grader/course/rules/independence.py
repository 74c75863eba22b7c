"""Whether random waits are drawn independently of other consumers' draws and of earlier ones.

The bounds are as wide as those in `jitter`. The correlation of n independent pairs has a standard
deviation of about 1 / sqrt(n).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from grader.course.kit.failures import Mistake, lines
from grader.course.mistakes.draws import (
    JITTER_CYCLED_LIST,
    JITTER_FROM_CLOCK,
    JITTER_FROM_COUNTER,
    JITTER_FROM_HASH,
    JITTER_ONCE_PER_CONSUMER,
    JITTER_ONCE_PER_ITEM,
    JITTER_SHARED_BY_ALL,
    SEEDED_IN_STEP,
)
from grader.course.mistakes.jitter import (
    JITTER_ON_FIRST_ONLY,
    JITTER_ON_LATER_ONLY,
    JITTER_ON_THE_FACTOR,
    JITTER_TOO_COARSE,
)
from grader.course.rules.jitter import ASKS, no_lump, random_at_all, uneven

__all__ = [
    "afresh",
    "independent",
    "keeps_no_distance",
    "no_memory",
    "not_of_the_item",
    "not_repeated",
    "serial",
]

_NO_FORMULA = "Every draw is independent of all others: no counter, no clock, no formula."


def independent(
    rows: Sequence[Sequence[float]],
    seeded: Sequence[int | None] = (),
    *,
    names: Sequence[str] = (),
    late: Sequence[tuple[Sequence[float], Sequence[float]]] = (),
) -> None:
    """No consumer's draws depend on another's, or on earlier ones.

    rows: the fractions, one row per consumer, with two or more values each.
    seeded: the lines at which a generator was seeded while the consumers ran.
    names: the consumers' names, in the order of the rows.
    late: the result of `late_parts`.
    """
    firsts, seconds = [row[0] for row in rows], [row[1] for row in rows]
    random_at_all(firsts + seconds)
    _fine_enough(firsts, seconds)
    no_lump(firsts)
    _once_for_all_retries(firsts, seconds, late)
    _not_for_all_retries(firsts, seconds)
    if seeded and _crowd(firsts) > len(firsts) / 3:
        raise SEEDED_IN_STEP(
            f"{len(rows)} consumers failed at the same moment, and {_crowd(firsts)} of them added "
            f"just what another added: a generator was seeded on the way{lines([seeded[0]])}.",
            "A seed makes everybody draw the same numbers: leave the generator unseeded.",
            line=seeded[0],
        )
    _same_for_a_name(firsts, names)
    _different(firsts, seconds, "first", late)
    _different(seconds, firsts, "second", late)
    _uncorrelated(firsts, seconds, "the first and the second retry of a consumer")
    _uncorrelated(firsts[:-1], firsts[1:], "the retries of neighbouring consumers")


def afresh(rows: Sequence[Sequence[float]]) -> None:
    """A consumer draws afresh for each of its items.

    rows: the fractions, one row per item of one consumer, in the order of its retries.
    """
    random_at_all([value for row in rows for value in row])
    pairs = [pair for a, b in pairwise(rows) for pair in zip(a, b, strict=False)]
    same = _alike(pairs)
    if same > len(pairs) / 3:
        raise JITTER_ONCE_PER_CONSUMER(
            f"{same} of {len(pairs)} times one consumer added the same fraction as before the same "
            "retry of its last item.",
            "The random part is drawn afresh for every retry.",
        )


def not_of_the_item(rows: Sequence[Sequence[float]], seeded: Sequence[int | None] = ()) -> None:
    """Equal items do not get equal draws.

    rows: the fractions, one row per item; items 1 and 2 are equal, 3 and 4, and so on.
    seeded: the lines at which a generator was seeded meanwhile.
    """
    twins = zip(rows[::2], rows[1::2], strict=True)
    pairs = [pair for a, b in twins for pair in zip(a, b, strict=False)]
    same, others = _alike(pairs), list(zip(rows[0], rows[2], strict=False))
    if same > len(pairs) / 3 and _alike(others) <= len(others) / 3:
        raise (SEEDED_IN_STEP if seeded else JITTER_FROM_HASH)(
            f"{same} of {len(pairs)} times one consumer added the same fraction as before the same retry "
            "of an item that was equal.",
            "The random part is drawn afresh for every retry, whatever the item.",
            line=seeded[0] if seeded else None,
        )


def _alike(pairs: Sequence[tuple[float, float]]) -> int:
    return sum(1 for one, other in pairs if abs(one - other) < 1e-5)


def _once_for_all_retries(
    firsts: Sequence[float],
    seconds: Sequence[float],
    late: Sequence[tuple[Sequence[float], Sequence[float]]],
) -> None:
    same = sum(1 for a, b in zip(firsts, seconds, strict=True) if abs(a - b) < 1e-5)
    if same <= len(firsts) / 2 or len(firsts) - _crowd(firsts) <= 12:
        return
    seen = f"{same} of {len(firsts)} consumers added the same fraction before their first and "
    seen += "before their second retry"
    if late and not any(abs(before[0] - after[0]) < 1e-5 for before, after in late):
        raise JITTER_ONCE_PER_ITEM(
            f"{seen}, and another for their next item.",
            "The random part is drawn afresh for every retry.",
        )
    raise JITTER_ONCE_PER_CONSUMER(f"{seen}.", "The random part is drawn afresh for every retry.")


def _not_for_all_retries(firsts: Sequence[float], seconds: Sequence[float]) -> None:
    if max(map(abs, seconds)) < 1e-4 and max(firsts) - min(firsts) > 0.1:
        raise JITTER_ON_FIRST_ONLY(
            f"Before their first retry {len(firsts)} consumers added random parts, before their "
            "second one nothing at all.",
            ASKS,
        )
    if max(map(abs, firsts)) < 1e-4 and max(seconds) - min(seconds) > 0.1:
        # A random factor fills only part of the window, which has grown by the whole factor.
        raise (JITTER_ON_LATER_ONLY if max(seconds) > 0.5 else JITTER_ON_THE_FACTOR)(
            f"Before their first retry {len(firsts)} consumers added nothing at all, before their "
            "second one random parts.",
            ASKS,
        )


def _same_for_a_name(values: Sequence[float], names: Sequence[str]) -> None:
    """Raise if consumers of the same name draw the same, and no others do."""
    if not names:
        return
    groups: dict[str, list[float]] = {}
    for value, name in zip(values, names, strict=False):
        groups.setdefault(name, []).append(value)
    namesakes = max(groups.values(), key=len)
    alone = [group[0] for group in groups.values() if len(group) == 1]
    if len(namesakes) > 10 and _crowd(namesakes) == len(namesakes) - 1 and not _many_alike(alone):
        raise JITTER_FROM_HASH(
            f"{len(namesakes)} consumers that go by one name added just the same before their first "
            f"retry, {len(alone)} others did not: the number comes from the name.",
            "Draws are independent between consumers, whatever their names.",
        )


def _many_alike(values: Sequence[float]) -> bool:
    return _crowd(values) > len(values) / 3


def _fine_enough(firsts: Sequence[float], seconds: Sequence[float]) -> None:
    steps = max(len({round(value, 4) for value in values}) for values in (firsts, seconds))
    if 1 < steps <= 12:
        levels = sorted({round(value, 4) for value in (*firsts, *seconds)})
        gaps = [b - a for a, b in pairwise(levels)]
        even = all(abs(gap / min(gaps) - round(gap / min(gaps))) < 0.05 for gap in gaps)
        raise (JITTER_TOO_COARSE if even else JITTER_CYCLED_LIST)(
            f"The added parts of {len(firsts)} consumers took only {steps} different values.",
            ASKS,
        )


def _crowd(values: Sequence[float]) -> int:
    """How many values repeat an earlier one."""
    return len(values) - len({round(value, 5) for value in values})


def _different(
    values: Sequence[float],
    others: Sequence[float],
    which: str,
    late: Sequence[tuple[Sequence[float], Sequence[float]]],
) -> None:
    crowd = _crowd(values)
    if len(values) - crowd > 30 and _many_alike(values):
        raise JITTER_TOO_COARSE(
            f"The added parts of {len(values)} consumers before their {which} retry took only "
            f"{len(values) - crowd} different values.",
            ASKS,
        )
    if _many_alike(values):
        mistake, words = JITTER_SHARED_BY_ALL, ""
        if abs(values[0] - others[0]) > 1e-5 and late:
            # One number per retry for everybody: from a list, or if it changes later, from the clock.
            parts = {round(value, 4) for before, after in late for value in (*before, *after)}
            mistake, words = JITTER_CYCLED_LIST, ", as if from one list of numbers"
            if len(parts) > 2 * len(late[0][0]):
                mistake, words = JITTER_FROM_CLOCK, " (and at another time another number)"
        raise mistake(
            f"{len(values)} consumers failed at the same moment, and before their {which} retry "
            f"{crowd} of them added just what another added{words}: they come back together.",
            "Draws are independent between consumers: each draws its own, for every retry.",
        )


def _uncorrelated(left: Sequence[float], right: Sequence[float], what: str) -> None:
    if abs(_correlation(left, right)) > 7 / math.sqrt(len(left)):
        raise JITTER_FROM_COUNTER(
            f"The random parts of {what} depend on each other.",
            _NO_FORMULA,
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
    """Successive draws, of one consumer or of all, do not depend on each other."""
    for step, times in (_usual_step(values, -1), _usual_step(values, 1)):
        if times > len(values) / 8:
            raise JITTER_FROM_COUNTER(
                f"{times} of {len(values)} times the next random part followed from the one before by "
                f"one formula, the same each time (with {step:.3f} of the window in it).",
                _NO_FORMULA,
            )
    for lag in (1, 2):
        _uncorrelated(values[:-lag], values[lag:], "retries that follow each other")


def _usual_step(values: Sequence[float], sign: int) -> tuple[float, int]:
    """The most common step between successive values, modulo 1, and how often it occurs.

    sign: -1 for their difference, 1 for their sum.
    """
    steps = Counter(round((after + sign * before) % 1, 3) for before, after in pairwise(values))
    return steps.most_common(1)[0]


def keeps_no_distance(values: Sequence[float]) -> None:
    """The distance between successive draws, modulo the window, is uniform.

    values: uniform values, in the order in which they were drawn.
    """
    if uneven([(after - before) % 1 for before, after in pairwise(values)]):
        raise JITTER_FROM_COUNTER(
            "The random part of a retry keeps a distance from the one before.",
            _NO_FORMULA,
        )


def no_memory(first: Sequence[float], second: Sequence[float]) -> None:
    """Two runs of the program with the same items and names have no draws in common.

    first, second: the fractions of each run, in the same order.
    """
    same = _alike(list(zip(first, second, strict=False)))
    if same > len(second) / 3:
        raise JITTER_FROM_HASH(
            f"In two runs of the program {same} of {len(second)} retries of the same items, by "
            "consumers of the same names, added the same fraction.",
            "The random part is drawn, not worked out from a name, an item or the number of a retry.",
        )


def not_repeated(
    first: Sequence[float], second: Sequence[float], mistake: Mistake, message: str
) -> None:
    """Two series of draws that should be independent have few values in common."""
    pool = {round(value, 5) for value in first}
    same = sum(1 for value in second if round(value, 5) in pool)
    if same > len(second) / 2:
        raise mistake(
            message,
            "Draws are independent between consumers and between runs of the program: no fixed seed.",
        )
