"""How a check says that it is not content, in the exercise's own terms."""

from __future__ import annotations

__all__ = ["Failure", "Misconception", "lines"]


class Failure(Exception):
    """An expectation is not met.

    message: what was observed, with times and item numbers; the first thing the learner reads.
    asks: what the contract asks instead.
    why: the kind of failure (a value of `grader.results.Why`).
    misconception: the code of the recognised mistake behind it, if it is one.
    line: the learner's line to blame, where it surely is the one.
    """

    def __init__(
        self,
        message: str,
        asks: str = "",
        *,
        why: str = "expectation",
        misconception: str | None = None,
        line: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.asks = asks
        self.why = why
        self.misconception = misconception
        self.line = line

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
