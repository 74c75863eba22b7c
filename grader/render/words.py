"""Words of the screens: outcomes, exercises, numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rich.text import Text

from grader.render.foreign import harmless
from grader.results import Outcome, Why

__all__ = ["STATES", "TAGS", "counted", "decimal", "listed", "percent", "prose", "seconds", "short"]

STATES = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "not yet",
    Outcome.NOT_RUN: "not run",
    Outcome.NOT_STARTED: "not started",
    Outcome.MISSING: "no file",
    Outcome.UNGRADED: "not graded",
}

TAGS = {
    Why.ERROR: "an error",
    Why.DEADLOCK: "deadlock",
    Why.LIVELOCK: "busy, and gets nowhere",
    Why.BUSY_LOOP: "holds the event loop",
    Why.TIMEOUT: "took too long",
    Why.MEMORY: "out of memory",
    Why.OUTPUT: "too much output",
    Why.EXIT: "left early",
    Why.IMPORT: "cannot be imported",
    Why.SIGNATURE: "wrong signature",
    Why.UNGRADED: "not graded",
}
"""The kind of failure, which the message alone may not say."""

_SHORT = re.compile(r"[a-z]+[0-9]+(?=_)")
_QUOTED = re.compile(r"`[^`\n]+`")


def short(exercise: str) -> str:
    """Return the short name of an exercise: `ex2` of `ex2_build_retry_loop`."""
    found = _SHORT.match(exercise)
    return found.group() if found else exercise


def counted(number: int, one: str, many: str = "") -> str:
    """Format a count: `1 point`, `2 points`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def listed(names: Iterable[str], most: int = 10) -> str:
    """Return the first names in their order, and how many more there are."""
    found = sorted(names)
    more = len(found) - most
    return ", ".join(found[:most]) + (f" and {more} more" if more > 0 else "")


def seconds(value: float, digits: int = 3) -> str:
    """Format a time in seconds, with its unit."""
    return f"{value:.{digits}f} s"


def prose(text: str, style: str = "") -> Text:
    """Return a sentence with its parts in `backquotes` shown as code."""
    shown = Text(harmless(text), style)
    shown.highlight_regex(_QUOTED, "code")
    return shown


def decimal(value: float) -> str:
    """Format a number with one decimal, unless that is 0."""
    return f"{value:.1f}".removesuffix(".0")


def percent(part: int, whole: int) -> str:
    """Format a share in percent, 0 or 100 only for none or all; "" if `whole` is 0."""
    if not whole:
        return ""
    share = round(100 * part / whole)
    return f"{min(99, max(1, share)) if 0 < part < whole else share} %"
