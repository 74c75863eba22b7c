"""What a trace says of keys and charges: which order carried which key, and what the ledger shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from grader.course.api import Trace, Try
from grader.course.ex9_charge_once.scenario import Charges

__all__ = ["Entry", "Order", "ledger", "orders", "same", "shared"]

LONGEST = 200
"""Characters of a key that a record keeps: of two such keys nobody can say whether they are the same."""


@dataclass(frozen=True)
class Order:
    """One charge that is to be made: the tries of one item, each with the key that it carried.

    owner: the task of the consumer that took the item; 0 where nobody can tell. name: that consumer's.
    """

    item: int
    tries: tuple[Try, ...]
    keys: tuple[Any, ...]
    owner: int
    name: str

    @property
    def key(self) -> Any:
        """The key of its first try."""
        return self.keys[0]

    @property
    def first(self) -> Try:
        """Its first try."""
        return self.tries[0]

    @property
    def gave_up(self) -> bool:
        """Whether its last try failed as well."""
        return self.tries[-1].outcome == "transient"


def orders(trace: Trace, scenario: Charges) -> list[Order]:
    """All orders, in the order in which they were begun.

    An item that was put again is a further order, once the one before has succeeded.
    """
    sent = {event.data[:2]: event.data[3].get("key") for event in trace.of("said")}
    names = dict(zip(trace.crew, scenario.names, strict=False))
    found = []
    for item in sorted({one.item for one in trace.tries}):
        for tries in _parts(trace.tries_of(item)):
            owner = _owner(trace, tries[0])
            keys = tuple(sent.get((item, one.number)) for one in tries)
            found.append(Order(item, tries, keys, owner, names.get(owner, "")))
    return sorted(found, key=lambda order: order.first.order)


def _parts(tries: Sequence[Try]) -> Iterable[tuple[Try, ...]]:
    """The tries, cut behind each that succeeded."""
    successes = [one.number for one in tries if one.outcome == "ok"]
    for _, part in groupby(tries, lambda one: sum(n < one.number for n in successes)):
        yield tuple(part)


def _owner(trace: Trace, first: Try) -> int:
    got = [step for step in trace.gets if step.item == first.item and step.order < first.order]
    return got[-1].task if got and got[-1].task in trace.crew else 0


# -- keys -------------------------------------------------------------------------------------


def same(one: object, other: object) -> bool:
    """Whether two keys are surely the same, as far as the record has them."""
    return one == other and not (isinstance(one, str) and len(one) >= LONGEST)


def shared(some: Sequence[Order]) -> list[tuple[Order, Order]]:
    """Pairs of orders that carry the same key, each with the last one that did."""
    last: dict[str, Order] = {}
    pairs = []
    for order in some:
        before = last.get(str(order.key))
        if before is not None and same(before.key, order.key):
            pairs.append((before, order))
        last[str(order.key)] = order
    return pairs


# -- charges ----------------------------------------------------------------------------------


class Entry(NamedTuple):
    """A line of the provider's ledger: the try that charged, and the key that it carried."""

    one: Try
    key: Any


def ledger(trace: Trace, scenario: Charges) -> list[Entry]:
    """Every charge that was made: by a try that succeeded, or whose answer was lost, with a new key."""
    sent = {event.data[:2]: event.data[3].get("key") for event in trace.of("said")}
    seen: set[str] = set()
    entries = []
    for one in sorted(trace.tries, key=lambda one: one.end_order or 0):
        lost = one.outcome == "transient" and (one.item, one.number) in scenario.lost
        key = sent.get((one.item, one.number))
        if (one.outcome == "ok" or lost) and str(key) not in seen:
            seen.add(str(key))
            entries.append(Entry(one, key))
    return entries
