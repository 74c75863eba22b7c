"""What the screens call things: outcomes, exercises, numbers."""

from __future__ import annotations

import re

from rich.text import Text

from grader.render.foreign import harmless
from grader.results import Outcome, Why

__all__ = ["STATES", "TAGS", "counted", "decimal", "percent", "prose", "seconds", "short"]

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
"""What kind of failure it was, where the message alone may not say so."""

_SHORT = re.compile(r"[a-z]+[0-9]+(?=_)")
_QUOTED = re.compile(r"`[^`\n]+`")


def short(exercise: str) -> str:
    """The short name of an exercise: `ex2` of `ex2_build_retry_loop`."""
    found = _SHORT.match(exercise)
    return found.group() if found else exercise


def counted(number: int, one: str, many: str = "") -> str:
    """`1 point`, `2 points`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def seconds(value: float, digits: int = 3) -> str:
    """A time or a span in seconds, with its unit."""
    return f"{value:.{digits}f} s"


def prose(text: str, style: str = "") -> Text:
    """A sentence for people, with what stands in `backquotes` shown as code."""
    shown = Text(harmless(text), style)
    shown.highlight_regex(_QUOTED, "code")
    return shown


def decimal(value: float) -> str:
    """A number with one decimal, unless that is 0."""
    return f"{value:.1f}".removesuffix(".0")


def percent(part: int, whole: int) -> str:
    """A share in percent, which says neither all nor none where that is not so; "" of nothing."""
    if not whole:
        return ""
    share = round(100 * part / whole)
    return f"{min(99, max(1, share)) if 0 < part < whole else share} %"
