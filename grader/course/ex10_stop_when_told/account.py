"""Whether every item that was taken is settled or told as unfinished, and the counts are true."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.course.api import Failure, Misconception, Odd, Trace
from grader.course.ex10_stop_when_told.mistakes import (
    ITEM_IN_THE_PUT_LOST,
    UNFINISHED_HOLDS_SETTLED,
    UNFINISHED_INCOMPLETE,
    UNFINISHED_NOT_THE_ITEMS,
    UNFINISHED_OUT_OF_ORDER,
)
from grader.course.ex10_stop_when_told.told import Facts, Runs, Told
from grader.course.ex10_stop_when_told.words import item_words, items_words, stop_words
from grader.course.mistakes.counts import (
    COUNTS_UNSETTLED_ITEM,
    RETURNS_NOTHING,
    STATS_KEYS_MISSING,
    STATS_WRONG,
)
from grader.course.mistakes.items import EQUAL_ITEMS_MERGED

__all__ = ["accounted", "items_told", "unfinished_is"]


def accounted(runs: Runs) -> None:
    """Every item taken is settled or unfinished, and the counts are true."""
    failures = [failure for run in runs if (failure := _untrue(*run))]
    # Among items that are equal, what is left out may look as if it was merged: another run tells.
    plain = (one for one in failures if one.mistake is UNFINISHED_INCOMPLETE)
    if failures and failures[0].mistake is EQUAL_ITEMS_MERGED:
        raise next(plain, failures[0])
    if failures:
        raise failures[0]


def _untrue(scenario: Told, trace: Trace) -> Failure | None:
    facts = Facts(trace, scenario)
    try:
        unfinished_is(facts, facts.result(), facts.unfinished())
        _counts_true(facts)
    except Failure as failure:
        return failure.about(trace)
    return None


def unfinished_is(facts: Facts, result: Any, wanted: list[int]) -> None:
    """The result's `unfinished` holds just these items, in this order."""
    items = items_told(facts.trace, result, wanted)
    if failure := _wrong(facts, items, wanted):
        failure.asks = _asks(facts.trace, wanted)
        raise failure


def _asks(trace: Trace, wanted: list[int]) -> str:
    return f"It is a list of the items themselves: [{trace.listed(wanted)}]."


def items_told(trace: Trace, result: Any, wanted: list[int]) -> list[int]:
    """The places of what is in the result's `unfinished`, which is a list of items."""
    asks = _asks(trace, wanted)
    if not isinstance(result, Mapping):
        raise RETURNS_NOTHING(
            f"run_pipeline returned {result!r:.60}.",
            'It returns a dict with consumed, retried, failed and "unfinished".',
            at=trace.clock,
            task=1,
        )
    found = result.get("unfinished")
    if not isinstance(found, list):
        what = f"is {found!r:.60}" if "unfinished" in result else "is missing in the result"
        if isinstance(found, Mapping) and [*found] == ["object"]:
            what = f"is a {found['object']}"
        raise UNFINISHED_NOT_THE_ITEMS(f'"unfinished" {what}.', asks, at=trace.clock, task=1)
    got = [
        row["item"] if isinstance(row, Mapping) and [*row] == ["item"] else None for row in found
    ]
    if None in got:
        odd = found[got.index(None)]
        held = (
            [v["item"] for v in odd if isinstance(v, Mapping) and "item" in v]
            if type(odd) is list
            else []
        )
        what = f"a pair or list with {item_words(trace, held[0])} in it" if held else f"{odd!r:.60}"
        raise UNFINISHED_NOT_THE_ITEMS(
            f'"unfinished" holds something that is no item: {what}.', asks, at=trace.clock, task=1
        )
    return [item for item in got if item is not None]


def _wrong(facts: Facts, got: list[int], wanted: list[int]) -> Misconception | None:
    """The failure for a list that holds other items than it should."""
    trace = facts.trace
    seen = f'run_pipeline was {stop_words(facts.scenario)}. "unfinished" is [{trace.listed(got)}]'
    more = [item for item in got if item not in wanted]
    if more or len({*got}) < len(got):
        item = more[0] if more else next(item for item in got if got.count(item) > 1)
        how = "settled" if facts.settled(item) else "never taken" if more else "in it twice"
        return UNFINISHED_HOLDS_SETTLED(
            f"{seen}, and {item_words(trace, item)} is {how}.", at=trace.clock, item=item, task=1
        )
    missing = [item for item in wanted if item not in got]
    if not missing:
        if got == wanted:
            return None
        return UNFINISHED_OUT_OF_ORDER(
            f"{seen}: the items are not in the order in which they were taken.",
            at=trace.clock,
            task=1,
        )
    item = missing[0]
    if (
        missing == wanted[-1:] == [max(facts.taken)]
        and item not in facts.began
        and _in_the_put(facts)
    ):
        return ITEM_IN_THE_PUT_LOST(
            f"{seen}. Item {trace.name(item)} is missing: it was taken at "
            f"{facts.taken[item].at:.3f} s, and was being put when the stop came.",
            at=facts.taken[item].at,
            task=facts.taken[item].task,
            item=item,
        )
    earlier = {one: [trace.items[other] for other in got if other < one] for one in missing}
    if all(any(_equal(trace.items[one], other) for other in earlier[one]) for one in missing):
        return EQUAL_ITEMS_MERGED(
            f"{seen}. Item {trace.name(item)} is missing: another one that is equal to it is there.",
            at=trace.clock,
            item=item,
            task=1,
        )
    where = "cut off in a pause" if item in facts.began else "waiting to be begun"
    if item in facts.began and trace.tries_of(item)[-1].outcome == "cancelled":
        where = "cut off in a try"
    return UNFINISHED_INCOMPLETE(
        f"{seen}. I{items_words(trace, missing)[1:]} {'is' if len(missing) == 1 else 'are'} missing: "
        f"{'it' if len(missing) == 1 else item_words(trace, item)} was taken, and was {where}.",
        at=trace.clock,
        item=item,
        task=1,
    )


def _equal(one: Any, other: Any) -> bool:
    """Whether a comparison of two items says that they are equal."""
    anything = Odd("equal")
    return anything in (one, other) or (type(one) is type(other) and bool(one == other))


def _in_the_put(facts: Facts) -> bool:
    """Whether the queue was full, and one more item taken, when the stop came."""
    return bool(len(facts.waiting()) == facts.scenario.options["maxsize"] + 1)


def _counts_true(facts: Facts) -> None:
    trace, result, tries = facts.trace, facts.result(), [*facts.tries()]
    given_up = [item for item in facts.taken if facts.settled(item)]
    true = {
        "consumed": sum(one.outcome == "ok" for one in tries),
        "failed": sum(trace.tries_of(item)[-1].outcome == "transient" for item in given_up),
        "retried": sum(one.number > 1 for one in tries),
    }
    cut = sum(1 for item in facts.in_hand() if facts.paused(item) is not None)
    for key, right in true.items():
        said, most = result.get(key), right + (cut if key == "retried" else 0)
        if said is None:
            raise STATS_KEYS_MISSING(
                f'There is no "{key}" in the result.', "The three counts are always there."
            )
        if type(said) is int and right <= said <= most:
            continue
        more = type(said) is int and said > right and key != "retried"
        mistake = COUNTS_UNSETTLED_ITEM if more else STATS_WRONG
        range_ = f"{right}" if right == most else f"{right} to {most}"
        raise mistake(
            f'run_pipeline was {stop_words(facts.scenario)}. "{key}" is {said!r:.40} where it should be '
            f"{range_}.",
            "Only what succeeded is consumed, and only what was given up on after `attempts` failed "
            "tries is failed; what was cut off is neither.",
            at=trace.clock,
            task=1,
        )
