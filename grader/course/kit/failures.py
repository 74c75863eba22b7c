"""How a check says that it is not content, in the exercise's own terms."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, Concatenate, ParamSpec, TypeVar

from grader.trace import Trace

__all__ = ["Failure", "Misconception", "asked_of_trace", "lines", "times"]

_Params = ParamSpec("_Params")
_Answer = TypeVar("_Answer")


class Failure(Exception):
    """An expectation is not met.

    message: what was observed, with times and item numbers; the first thing the learner reads.
    asks: what the contract asks instead.
    why: the kind of failure (a value of `grader.results.Why`).
    misconception: the code of the recognised mistake behind it, if it is one.
    line: the learner's line to blame, where it surely is the one.
    error: the exception behind it as plain data, where the trace does not have it.
    The attribute `trace` is the trace that shows it, for the screens.
    """

    def __init__(
        self,
        message: str,
        asks: str = "",
        *,
        why: str = "expectation",
        misconception: str | None = None,
        line: int | None = None,
        error: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.asks = asks
        self.why = why
        self.misconception = misconception
        self.line = line
        self.error = error
        self.trace: Trace | None = None

    def about(self, trace: Trace) -> Failure:
        """This failure, with the trace that shows it (unless it has one already)."""
        self.trace = self.trace or trace
        return self

    @property
    def text(self) -> str:
        """What happened, and on the next line what is asked."""
        return f"{self.message}\n{self.asks}" if self.asks else self.message


class Misconception(Failure):
    """A failure that was recognised as a particular mistake: its code comes first."""

    def __init__(
        self,
        code: str,
        message: str,
        asks: str = "",
        *,
        why: str = "expectation",
        line: int | None = None,
    ) -> None:
        super().__init__(message, asks, why=why, misconception=code, line=line)


def lines(numbers: list[int | None]) -> str:
    """` (line 12)` or ` (lines 12, 30)`, for the end of a sentence; empty when none is known."""
    known = sorted({number for number in numbers if number})
    if not known:
        return ""
    return f" (line{'s' if len(known) > 1 else ''} {', '.join(map(str, known))})"


def times(count: int) -> str:
    """`once`, or `3 times`."""
    return "once" if count == 1 else f"{count} times"


def asked_of_trace(
    function: Callable[Concatenate[Trace, _Params], _Answer],
) -> Callable[Concatenate[Trace, _Params], _Answer]:
    """Make a failure of this question, whose first argument is the trace, remember the trace."""

    @functools.wraps(function)
    def ask(trace: Trace, /, *args: _Params.args, **options: _Params.kwargs) -> _Answer:
        try:
            return function(trace, *args, **options)
        except Failure as failure:
            failure.about(trace)
            raise

    return ask


def quoted(text: str, most: int = 60) -> str:
    """A text in quotation marks, of which so many characters are shown."""
    return repr(text if len(text) <= most else f"{text[: most - 1]}…")
