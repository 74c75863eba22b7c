"""Whether each try carries a key, and all tries of an item the same.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from grader.course.api import Trace
from grader.course.ex9_charge_once.mistakes import (
    KEY_IS_NO_TEXT,
    KEY_PER_TRY,
    KEY_SHARED_BY_CONSUMERS,
)
from grader.course.ex9_charge_once.orders import Order, ledger, orders
from grader.course.ex9_charge_once.scenario import Charges
from grader.course.kit.failures import asked_of_trace, lines, short_key

__all__ = ["one_key_per_item", "sent_as_text"]

_ASKS = "All tries of one item carry the same key. So the service knows a retry from a new order."


@asked_of_trace
def sent_as_text(trace: Trace, scenario: Charges) -> None:
    """Each try carries a key, a str with something in it."""
    for order in orders(trace, scenario):
        for one, key in zip(order.tries, order.keys, strict=True):
            if not isinstance(key, str) or not key:
                raise KEY_IS_NO_TEXT(
                    f"Try {one.number} of item {trace.name(one.item)} carried {_no_text(key)} as its key"
                    f"{lines([one.line])}.",
                    "A key is a plain str, and not empty.",
                    line=one.line,
                    at=one.start,
                    task=one.task,
                    item=one.item,
                )


def _no_text(key: object) -> str:
    if key == "":
        return "an empty str"
    if isinstance(key, dict):
        return f"an object of type {key.get('object')}"
    return "None" if key is None else f"{key!r:.40}, of type {type(key).__name__},"


# -- the tries of one item --------------------------------------------------------------------


@asked_of_trace
def one_key_per_item(trace: Trace, scenario: Charges) -> None:
    """All tries of an item carry one key, and so no item is charged twice."""
    found = orders(trace, scenario)
    changed = [order for order in found if any(key != order.key for key in order.keys)]
    if not changed:
        return
    twice = Counter(entry.one.item for entry in ledger(trace, scenario))
    order = next((one for one in changed if twice[one.item] > 1), changed[0])
    place = next(n for n, key in enumerate(order.keys) if key != order.key)
    again = order.tries[place]
    charges = [entry.one for entry in ledger(trace, scenario) if entry.one.item == order.item]
    name = trace.name(order.item)
    seen = (
        f"Try {order.first.number} of item {name} carried the key {short_key(order.key)}, and try "
        f"{again.number} the key {short_key(order.keys[place])}{lines([again.line])}."
    )
    if len(charges) > 1:
        again = charges[1]
        seen = (
            f"Item {name} was charged twice: try {charges[0].number} charged it at "
            f"{charges[0].end:.3f} s, and the answer was lost; try {again.number} came with another key"
            f"{lines([again.line])}, and charged it again."
        )
    other = _of_others(found, order)
    if other is not None:
        seen += f" It was the key of item {trace.name(other.item)}, of another consumer."
    raise (KEY_PER_TRY if other is None else KEY_SHARED_BY_CONSUMERS)(
        seen,
        _ASKS,
        line=again.line,
        at=again.start,
        task=again.task,
        item=order.item,
    )


def _of_others(found: Sequence[Order], order: Order) -> Order | None:
    """An item of another consumer, whose key a later try of this one carried."""
    later = [key for key in order.keys if key != order.key]
    others = [other for other in found if other.owner != order.owner]
    begun = (other for other in others if other.key in later)
    return next(begun, None) or next((one for one in others if {*one.keys} & {*later}), None)
