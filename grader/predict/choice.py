"""Chooses runs that can be predicted by hand, in a minute, from what is told of them."""

from __future__ import annotations

from collections.abc import Sequence

from grader.trace import Trace, apart

__all__ = ["is_small"]

MOST_ITEMS = 9
MOST_TRIES = 20
MOST_TASKS = 3  # that work on items
LONGEST = 60.0  # virtual seconds


def is_small(trace: Trace) -> bool:
    """Whether a run is short, of one call, with few tasks and few items, each with a name of its own."""
    workers = {one.task for one in trace.tries}
    named = [trace.tasks[task] for task in trace.crew]
    if len(set(named)) < len(named):
        return False
    one_call = bool(trace.crew) or len(trace.raw.get("called") or ()) <= 1
    few = 0 < len(workers) <= MOST_TASKS and len(trace.items) <= MOST_ITEMS
    few = few and len(trace.tries) <= MOST_TRIES * max(1, len(trace.services))
    return (
        few
        and one_call
        and trace.clock <= LONGEST
        and _plain(trace.items)
        and apart(trace) is trace
    )


def _plain(items: Sequence[object]) -> bool:
    """Whether nobody has to think about what the items are: numbers from 1 on, and words."""
    return all(
        (isinstance(item, int) and not isinstance(item, bool) and item > 0)
        or (isinstance(item, str) and item.isprintable() and bool(item.strip()) and item[0] != "<")
        for item in items
    )
