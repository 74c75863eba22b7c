"""Names the tasks of a record: by their parts, or as the learner named them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from grader.trace.record import Record

__all__ = ["helpers", "labels"]

PRODUCER = "producer"
LONGEST = 16
"""Characters of a name that a screen shows: names that are the same so far tell nobody apart."""

_GETS = frozenset({"get", "get_wait"})
_DOES = frozenset({*_GETS, "begin", "take", "put", "put_wait"})


def helpers(record: Record) -> dict[int, int]:
    """Return the tasks that only wait for another one, each with that one, which made it.

    So does a task that waits for an item which its maker works on, or for all items to be done.
    """
    parents = {e.data[0]: e.task for e in record.events if e.kind == "spawn" and e.task < e.data[0]}
    by_kind: dict[str, set[int]] = {}
    for event in record.events:
        by_kind.setdefault(event.kind, set()).add(event.task)
    begun = by_kind.get("begin", set())
    gets = (by_kind.get("get", set()) | by_kind.get("get_wait", set())) - begun
    makers = {parents[task] for task in gets if parents.get(task)}
    working = {one for one in makers if one in record.crew or (one in begun and parents.get(one))}
    rows = {parents[one] for one in working if parents.get(one)}  # the makers of such makers
    waiting = {one for one in makers if one in working or parents.get(one) in rows}
    does = {task for kind in _DOES for task in by_kind.get(kind, ())}
    joins = {
        task
        for task in by_kind.get("join", set()) - does
        if parents.get(task) and not _own_name(record, task)
    }
    found = {task: parents[task] for task in joins}
    return found | {task: parents[task] for task in gets if parents.get(task) in waiting}


def labels(record: Record, helping: Mapping[int, int], owners: Mapping[int, int]) -> dict[int, str]:
    """Return the tasks that have another name than the record's, by number.

    helping, owners: tasks that wait, or make calls, for another one; they have that one's name.
    """
    found = {number: record.tasks[number] for number in (*record.crew, *record.labs) if number}
    consumers = _consumers(record, owners)
    bosses = {**helping, **owners}
    takers = dict.fromkeys(event.task for event in record.events if event.kind == "take")
    producers = [one for one in takers if one not in {*consumers, *found, *bosses}]
    for number, task in enumerate(producers, 1):  # of several runs, say
        found[task] = f"{PRODUCER} {number}" if len(producers) > 1 else PRODUCER
    found |= _workers(record, bosses, found, consumers)
    return found | {task: found.get(one) or record.tasks[one] for task, one in bosses.items()}


def _consumers(record: Record, owners: Mapping[int, int]) -> frozenset[int]:
    """Return those of several tasks that take items from the source and work on these themselves."""
    called = {e.data[0] for e in record.events if e.kind == "spawn" and not e.task}
    takers = {event.task for event in record.events if event.kind == "take"} - called
    working = {owners.get(one.task, one.task) for one in record.tries}
    return frozenset(takers & working if len(takers) > 1 else ())


def _workers(
    record: Record,
    bosses: Mapping[int, int],
    known: Mapping[int, str],
    consumers: frozenset[int],
) -> dict[int, str]:
    """Name those that get items or work on them: as the learner did, else by letter and number.

    The letter is that of the first service they call. The task that was called has a name already,
    unless it works itself.
    """
    letters: dict[int, str] = {}
    for event in record.events:
        if event.kind == "begin":
            letters.setdefault(bosses.get(event.task, event.task), record.lanes[event.data[2]])
    first = record.lanes[0] if record.lanes else "C"
    called = {e.data[0] for e in record.events if e.kind == "spawn" and not e.task}
    order = dict.fromkeys(
        bosses.get(event.task, event.task)
        for event in record.events
        if event.kind in _GETS
        or event.kind == "begin"
        or (event.kind == "take" and event.task in consumers)
    )
    workers = [one for one in order if one not in known and (one in letters or one not in called)]
    own = _distinct(record, workers, set(known.values()))
    counts: Counter[str] = Counter({first: len(record.crew)})
    found = {}
    for task in workers:
        letter = letters.get(task, first)
        counts[letter] += task not in own
        found[task] = own.get(task) or f"{letter}{counts[letter]}"
    return found


def _distinct(record: Record, tasks: list[int], taken: set[str]) -> dict[int, str]:
    """Return the names that the learner gave to tasks, where each is another: two runs share them."""
    own = {task: name for task in tasks if (name := _own_name(record, task))}
    if len({name[:LONGEST] for name in own.values()} - taken) < len(own):
        return {}
    return own


def _own_name(record: Record, task: int) -> str:
    """Return the name that the learner gave to a task; "" for none, or one not fit to be shown."""
    name = record.tasks[task]
    ours = name == f"Task-{task}" or name in (record.raw.get("called") or ())
    return name if not ours and name.isprintable() and name.strip() else ""
