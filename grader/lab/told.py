"""A trace as text, one line per event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["told"]

_REST = ("end", "waits", "left", "unawaited", "joined_stats", "stats", "last_stats", "result")


def told(answer: Mapping[str, Any]) -> Iterator[str]:
    """The events of a raw trace with their times in virtual seconds, then its other fields."""
    if "events" not in answer:
        yield from (f"{key}: {value}" for key, value in answer.items())
        return
    names = dict(enumerate(answer["tasks"]))
    for at, task, kind, line, *data in answer["events"]:
        where = f"line {line}" if line else ""
        words = " ".join(map(str, data))
        yield f"{at:9.6f}  {names.get(task, task)!s:<12} {kind:<9} {where:<9} {words}".rstrip()
    yield from (f"{key}: {answer[key]}" for key in _REST if answer.get(key))
