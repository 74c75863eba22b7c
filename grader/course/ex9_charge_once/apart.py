"""Whether different items carry different keys: in one run, and in different runs of the program.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from grader.course.api import SAME_TIME, Failure, Item, Mistake, Odd, Trace
from grader.course.ex9_charge_once.looks import (
    addresses,
    counted,
    numbers_of_processes,
    of_a_clock,
    possible,
)
from grader.course.ex9_charge_once.mistakes import (
    KEY_CARRIED_ON,
    KEY_FROM_A_COUNTER,
    KEY_FROM_THE_CLOCK,
    KEY_FROM_THE_ITEM,
    KEY_FROM_THE_NAME,
    KEY_FROM_THE_PROCESS,
    KEY_MADE_ONCE,
    KEYS_FROM_A_FORMULA,
    KEYS_TOO_FEW,
)
from grader.course.ex9_charge_once.orders import Order, ledger, orders, same, shared
from grader.course.ex9_charge_once.scenario import Charges
from grader.course.kit.failures import asked_of_trace, lines, short_key, times

__all__ = [
    "drawn_from_many",
    "items_apart",
    "more_than_a_process",
    "runs_apart",
    "same_object_apart",
]

_ASKS = (
    "Different items carry different keys: for a key that it has seen the service charges nobody."
)


class _Sharing(NamedTuple):
    """Orders of a run, and the pairs of them that carry the same key."""

    trace: Trace
    scenario: Charges
    found: Sequence[Order]
    pairs: Sequence[tuple[Order, Order]]


@asked_of_trace
def items_apart(trace: Trace, scenario: Charges) -> None:
    """No two items carry the same key."""
    found = orders(trace, scenario)
    pairs = shared(found)
    if pairs:
        raise _why_shared(_Sharing(trace, scenario, found, pairs))


def _why_shared(of: _Sharing) -> Failure:
    _, after = of.pairs[0]
    mistake, words = _mistake(of)
    make = Failure if mistake is None else mistake
    said = _seen(of)
    return make(
        f"{said}: {words}." if words else f"{said}.",
        _ASKS,
        line=after.first.line,
        at=after.first.start,
        task=after.first.task,
        item=after.item,
    )


def _seen(of: _Sharing) -> str:
    """Two items with one key; and that the second was never charged, where it counts as consumed."""
    before, after = of.pairs[0]
    one, other = (f"item {of.trace.name(order.item)}" for order in (before, after))
    if one == other:
        other = f"another {other}" if before.item != after.item else f"{other}, ordered again,"
    key, line = short_key(after.key), lines([after.first.line])
    succeeded = next((one for one in after.tries if one.outcome == "ok"), None)
    charged = any(entry.one in after.tries for entry in ledger(of.trace, of.scenario))
    if succeeded is not None and not charged:
        return (
            f"{_capital(other)} succeeded at {succeeded.end:.3f} s, and nobody was charged: its key "
            f"{key}{line} is the one that {one} had carried"
        )
    return f"{_capital(one)} and {other} carried the same key, {key}{line}"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _mistake(of: _Sharing) -> tuple[Mistake | None, str]:
    """The mistake behind keys that are shared, with words for it."""
    trace, found, pairs = of.trace, of.found, of.pairs
    equal = all(_equal(trace.items[a.item], trace.items[b.item]) for a, b in pairs)
    alike = "the two are equal"
    if trace.items[pairs[0][0].item] == Odd("named"):
        alike = "the two have the same key, id and name"
    from_the_item = KEY_FROM_THE_ITEM, f"{alike}, and the key comes from the item"
    if equal and len(trace.crew) == 1 and _all_twins_share(trace, found):
        return from_the_item  # one consumer alone is judged before several are
    if of_a_clock(found) or _of_the_moment(found, pairs):
        return KEY_FROM_THE_CLOCK, "the key comes from the clock, which showed both the same"
    if _only_namesakes(found, pairs):
        name = pairs[0][0].name
        return (
            KEY_FROM_THE_NAME,
            f"both were taken by consumers called {name!r}, and the key comes from the name",
        )
    if trace.seeds:
        where = lines([trace.seeds[0]])
        return (
            KEYS_FROM_A_FORMULA,
            f"a generator was seeded on the way{where}, and gives the same again",
        )
    if len({str(order.key) for order in found}) == 1 < len(found) - 1:
        return KEY_MADE_ONCE, f"all {len(found)} items carried this one key"
    if _carried_on(found):
        how = "given up on" if pairs[0][0].gave_up else "settled"
        return KEY_CARRIED_ON, f"when the first was {how} its key was kept for the next"
    if (space := possible(found)) is not None:
        return KEYS_TOO_FEW, f"there are about {space:,} such keys, too few for so many items"
    if counted(found):
        return KEY_FROM_A_COUNTER, "the count in it was the same for both"
    return from_the_item if equal else (None, "")


def _equal(one: Item, other: Item) -> bool:
    """Are two items equal, or is one equal to everything?"""
    return one == other or Odd("equal") in (one, other)


def _all_twins_share(trace: Trace, found: Sequence[Order]) -> bool:
    """Does each item carry the key of those equal to it that came before?"""
    twins = (
        (one, other)
        for place, other in enumerate(found)
        for one in found[:place]
        if trace.items[one.item] == trace.items[other.item]
    )
    return all(one.key == other.key for one, other in twins)


def _of_the_moment(found: Sequence[Order], pairs: Sequence[tuple[Order, Order]]) -> bool:
    """Is a key shared only by items that were begun at one moment, and did others come later?"""
    first, last = found[0].first.start, found[-1].first.start
    alike = all(abs(a.first.start - b.first.start) <= SAME_TIME for a, b in pairs)
    return alike and last - first > SAME_TIME


def _only_namesakes(found: Sequence[Order], pairs: Sequence[tuple[Order, Order]]) -> bool:
    """Is a key shared only by consumers of one name, where there are others, which share none?"""
    namesakes = all(a.owner != b.owner and a.name == b.name for a, b in pairs)
    return namesakes and len({order.name for order in found}) > 1


def _carried_on(found: Sequence[Order]) -> bool:
    """Is it the end of an item that decides whether its consumer's next carries its key?"""
    ends: dict[tuple[bool, bool], set[bool]] = {}
    for owner in {order.owner for order in found}:
        for before, after in pairwise(order for order in found if order.owner == owner):
            end = before.gave_up, len(before.tries) == 1
            ends.setdefault(end, set()).add(before.key == after.key)
    kept = [end for end, shares in ends.items() if shares == {True}]
    return bool(kept) and all(len(shares) == 1 for shares in ends.values())


@asked_of_trace
def same_object_apart(trace: Trace) -> None:
    """One object that two consumers hold at once is two items: it carries two keys, each in all tries.

    Asked where its first two tries fail and the next two succeed, whoever makes them.
    """
    said = [event.data[3].get("key") for event in trace.of("said")]
    if not all(same(key, key) for key in said):
        return  # too long to be told apart
    counts = Counter(said)
    if sorted(counts.values()) == [2, 2]:
        return
    again = trace.tries[1]
    carried = ", ".join(f"{short_key(key)} ({times(n)})" for key, n in counts.most_common())
    raise KEY_FROM_THE_ITEM(
        f"Two consumers held item {trace.name(0)} at the same time, for it had been ordered twice. Its "
        f"four tries{lines([again.line])} carried {carried}: the key is looked up by the object.",
        "Two coffees are two charges, also where they are one and the same object: each has a key of its "
        "own, which both of its tries carry.",
        line=again.line,
        at=again.start,
        task=again.task,
        item=0,
    )


@asked_of_trace
def drawn_from_many(trace: Trace, scenario: Charges, other: Sequence[Order]) -> None:
    """Keys of a thousand items are all different, and by no luck.

    other: orders of another process, whose keys tell what of a key stands for the run. Of keys that are
    no draws, but a count or a time, other questions tell more.
    """
    found = orders(trace, scenario)
    pairs = shared(found)
    drawn = not of_a_clock(found) and not counted(found)
    space = possible(found, other) if drawn or pairs else None
    # Eight hex digits are enough: of 1,150 such keys two are the same once in 6,500 runs.
    if len(pairs) > 1 or (pairs and space is not None):
        raise _why_shared(_Sharing(trace, scenario, found, pairs))
    if space is not None:
        count = len(found)
        raise KEYS_TOO_FEW(
            f"{count:,} items carried keys like {short_key(found[0].key)} and "
            f"{short_key(found[1].key)}, of which there are about {space:,}: in {_chance(count, space)} "
            "such runs two items carry the same key.",
            "A key comes from so many that no two meet: eight hex digits are enough.",
            line=found[1].first.line,
            at=found[1].first.start,
            task=found[1].first.task,
            item=found[1].item,
        )


def _chance(count: int, space: int) -> str:
    """How many runs in a hundred, for people (Poisson: of n draws n**2 / 2N pairs are the same)."""
    share = 1 - math.exp(-count * count / 2 / space)
    return "nearly all" if share > 0.95 else f"{max(1, round(100 * share))} of 100"


# -- different runs ---------------------------------------------------------------------------


@asked_of_trace
def runs_apart(
    trace: Trace,
    scenario: Charges,
    before: Sequence[Order],
    later: bool | None = None,
    *,
    other: str = "run of the program",
) -> None:
    """A run of the program carries none of the keys of another.

    before: the other run's orders. later: whether a run that began at other times carried them as well;
    None where nobody looked. other: what the other run is to this one.
    """
    found = orders(trace, scenario)
    known = {str(order.key): order for order in before}
    repeated = [
        (known[str(order.key)], order)
        for order in found
        if str(order.key) in known and same(known[str(order.key)].key, order.key)
    ]
    if not repeated:
        return
    was, order = repeated[0]
    mistake, words = _why_repeated(trace, found, later)
    asks = (
        "Keys differ between runs of the program, also of two that start at the same moment: no clock, "
        "no bare counter, no fixed seed."
    )
    if mistake is KEY_FROM_THE_PROCESS:  # which one comes again is another each time
        line = order.first.line
        raise mistake(
            f"A key of one run came again in another {other}{lines([line])}: {words}.",
            asks,
            line=line,
        )
    raise mistake(
        f"In one run item {trace.name(was.item)} carried the key {short_key(was.key)}, and in another "
        f"{other} item {trace.name(order.item)} did{lines([order.first.line])}: {words}.",
        asks,
        line=order.first.line,
        at=order.first.start,
        task=order.first.task,
        item=order.item,
    )


def _why_repeated(trace: Trace, found: Sequence[Order], later: bool | None) -> tuple[Mistake, str]:
    if addresses(found):
        return (
            KEY_FROM_THE_PROCESS,
            "there is an address in it, such as id() gives, and objects come to lie there again",
        )
    if of_a_clock(found) or later is False:
        return KEY_FROM_THE_CLOCK, "both began at the same moment, and the key comes from the clock"
    if counted(found):
        return KEY_FROM_A_COUNTER, "the counter begins anew with each run"
    seeded = lines([trace.seeds[0]]) if trace.seeds else ""
    return (
        KEYS_FROM_A_FORMULA,
        f"whatever the keys are made of{seeded}, it is the same in every run",
    )


@asked_of_trace
def more_than_a_process(trace: Trace, scenario: Charges, before: Sequence[Sequence[Order]]) -> None:
    """Keys of three runs, in three processes, differ by more than the process's number."""
    found = orders(trace, scenario)
    numbers = numbers_of_processes([*before, found])
    if numbers:
        line = found[0].first.line
        raise KEY_FROM_THE_PROCESS(
            f"Three runs of the program carried the same keys but for one small number, "
            f"{', '.join(map(str, numbers))}{lines([line])}: that of the process, as it seems. The last "
            f"began with {short_key(found[0].key)}.",
            "Keys differ between runs of the program, also on another machine, where a process may well "
            "have the same number.",
            line=line,
            at=found[0].first.start,
            task=found[0].first.task,
            item=found[0].item,
        )
