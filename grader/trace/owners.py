"""Tells tasks that make calls for another task from those that work by themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise

from grader.trace.record import Record, Try

__all__ = ["SAME_TIME", "owners"]

SAME_TIME = 1e-6
"""Seconds: times that differ by less count as equal."""


def owners(record: Record, helping: Mapping[int, int]) -> dict[int, int]:
    """Return the tasks that make calls for another one, one call at a time, each with that one.

    The owner is the closest task above that gets or takes items; without such a task, the one that made
    it, if that one is a consumer or the learner's own.

    helping: tasks that only wait for another one, each with that one.
    """
    parents = {e.data[0]: e.task for e in record.events if e.kind == "spawn" and e.task < e.data[0]}
    called = {task for task, parent in parents.items() if not parent}
    getters = {helping.get(e.task, e.task) for e in record.events if e.kind in ("get", "get_wait")}
    feeds = getters | ({e.task for e in record.events if e.kind == "take"} - called)
    alone = called - {*record.crew}
    found: dict[int, int] = {}
    for one in record.tries:
        if one.task in feeds or one.task in record.crew:
            continue
        ancestor = maker = parents.get(one.task, 0)
        while ancestor and ancestor not in feeds:
            ancestor = parents.get(ancestor, 0)
        owner = ancestor or (maker if maker not in alone else 0)
        if owner:
            found[one.task] = owner
    return _one_at_a_time(record, found)


def _one_at_a_time(record: Record, found: Mapping[int, int]) -> dict[int, int]:
    """Leave out the owners whose calls go on at the same time: the makers of tasks that work alone.

    A call that cleans up after it was told to stop is over.
    """
    stopped = {e.data: e.at for e in record.events if e.kind == "stopping"}
    together: dict[int, list[Try]] = defaultdict(list)
    for one in record.tries:
        key = one.item, one.number, one.service
        cut = one._replace(end=stopped[key]) if key in stopped else one
        together[found.get(one.task, one.task)].append(cut)
    busy = {owner for owner, tries in together.items() if _overlapping(tries)}
    return {task: owner for task, owner in found.items() if owner not in busy}


def _overlapping(tries: Iterable[Try]) -> bool:
    """Return whether one of these tries begins before the one before it has ended."""
    ordered = sorted(tries, key=lambda one: one.start)
    return any(
        one.end is None or one.end - other.start > SAME_TIME for one, other in pairwise(ordered)
    )
