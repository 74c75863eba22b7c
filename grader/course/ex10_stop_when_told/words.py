"""How a message speaks of items, and of the moment of the stop."""

from __future__ import annotations

from grader.course.api import Trace, lines
from grader.course.ex10_stop_when_told.told import Facts, Told

__all__ = ["anew_words", "item_words", "items_words", "stop_words"]


def item_words(trace: Trace, item: int) -> str:
    """An item, as in "item 7"."""
    return f"item {trace.listed([item])}"


def items_words(trace: Trace, items: list[int]) -> str:
    """Some items; of many the first ones, and how many more there are."""
    return f"item{'s' if len(items) > 1 else ''} {trace.listed(items, 4)}"


def stop_words(scenario: Told) -> str:
    """When a run was told to stop, and with which grace."""
    if scenario.stop is None:
        return "never told to stop"
    return f"told to stop at {scenario.stop:.3f} s, with grace={scenario.options['grace']:.6g}"


def anew_words(facts: Facts) -> str:
    """That the grace was counted once more, and from when on; empty if it was not."""
    anew = facts.counted_anew()
    if anew is None:
        return ""
    return f": the grace was counted anew from {anew[0]:.3f} s on{lines([anew[1]])}"
