"""Cuts answers from a learner's process to sizes that can be kept and shown.

Larger ones come from the learner's code, which can write anything into its own names and texts. Rows
of events are left alone: `grader.trace.record` reads them, and knows which texts they hold.
"""

from __future__ import annotations

from typing import Any

from grader.trace.record import LONGEST_TEXT

__all__ = ["cut", "shortened"]

MOST_VALUES = 1_000  # per list or object
MOST_TASKS = 60_000  # names in the table of tasks: at most one per event
DEEPEST = 12
_ROWS = ("events", "tasks")
_SMALL = frozenset({bool, int, float, type(None)})


def cut(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer with every string, list and object in it cut to its limit."""
    whole = {name: answer[name] for name in _ROWS if type(answer.get(name)) is list}
    rest = {name: value for name, value in answer.items() if name not in whole}
    if "tasks" in whole:
        whole["tasks"] = [shortened(name, LONGEST_TEXT) for name in whole["tasks"][:MOST_TASKS]]
    kept: dict[str, Any] = _cut(rest, DEEPEST) | whole
    return kept


def _cut(value: Any, depth: int) -> Any:
    if type(value) is str:
        return shortened(value, LONGEST_TEXT)
    if type(value) is list:
        kept = value[:MOST_VALUES] if depth else []
        return [one if type(one) in _SMALL else _cut(one, depth - 1) for one in kept]
    if type(value) is dict:
        pairs = list(value.items())[:MOST_VALUES] if depth else []
        return {
            shortened(name, 200): one if type(one) in _SMALL else _cut(one, depth - 1)
            for name, one in pairs
        }
    return value


def shortened(text: Any, most: int) -> Any:
    """Return a string of at most `most` characters, ending in "…" if it was cut."""
    if type(text) is not str or len(text) <= most:
        return text
    return f"{text[: most - 1]}…"
