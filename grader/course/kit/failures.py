"""Failures of checks, in the terms of the exercise, and the mistakes behind them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from grader.errors import CourseError
from grader.trace import Trace

__all__ = [
    "Failure",
    "Misconception",
    "Mistake",
    "Prose",
    "Topic",
    "apart",
    "asked_of_trace",
    "lines",
    "quoted",
    "short_key",
    "span",
    "times",
]

LONGEST_KEY = 24  # characters of a key in a sentence

_Params = ParamSpec("_Params")
_Answer = TypeVar("_Answer")


class Failure(Exception):
    """An expectation is not met.

    message: what was observed, with times and item numbers; the first thing the learner reads.
    asks: what the contract requires instead.
    why: the kind of failure (a value of `grader.results.Why`).
    mistake: the recognised mistake behind it, if any.
    line: the learner's line to blame, if it is certain.
    error: the exception behind it as plain data, if it is not in the trace.
    at: when it shows, in virtual seconds.
    task: the task in which it shows.
    item: the place of the item with which it shows.

    The attribute `trace` is the trace that shows it, for display.
    """

    def __init__(
        self,
        message: str,
        asks: str = "",
        *,
        why: str = "expectation",
        mistake: Mistake | None = None,
        line: int | None = None,
        error: Mapping[str, Any] | None = None,
        at: float | None = None,
        task: int | None = None,
        item: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.asks = asks
        self.why = why
        self.mistake = mistake
        self.line = line
        self.error = error
        self.at = at
        self.task = task
        self.item = item
        self.trace: Trace | None = None

    def about(self, trace: Trace) -> Failure:
        """Attach the trace that shows this failure, unless it has one; returns the failure."""
        self.trace = self.trace or trace
        return self

    def showing(
        self, *, at: float | None = None, task: int | None = None, item: int | None = None
    ) -> Self:
        """Fill in when, in which task and with which item it shows, unless set; returns the failure."""
        self.at = at if self.at is None else self.at
        self.task = task if self.task is None else self.task
        self.item = item if self.item is None else self.item
        return self

    @property
    def text(self) -> str:
        """The message, and on the next line what is asked."""
        return f"{self.message}\n{self.asks}" if self.asks else self.message


class Misconception(Failure):
    """A failure recognised as a particular mistake. Raise it as `MISTAKE(message, ...)`."""


@dataclass(frozen=True)
class Prose:
    """The texts that explain a mistake to the learner.

    sentence: what the code does, in one sentence.
    hints: what to look at; the idea, in the lesson's words; nearly the code.
    matters: why it matters in production, in one or two sentences.
    follows_from: codes of mistakes that can cause this one: if one of them was found, this one is not
        reported as another.
    """

    sentence: str
    hints: tuple[str, ...]
    matters: str
    follows_from: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mistake:
    """A mistake that learners make. Calling it returns the failure to raise.

        raise IGNORES_DELAY("Item 7 waited 30 ms.", "Asked with delay=0.2: 200 ms.", line=31)

    code: its name, in kebab-case.
    topic: the topic whose file has its prose.
    place: `module.function` in `grader.course.where` that finds its line in the source; "" for none.
    sharper: prefer the line from the source to that from the trace, which only has where it showed.
    shows: functions that find it in a trace, for the timeline: `module.function` in
        `grader.course.evidence`.
    """

    code: str
    topic: Topic | None = field(default=None, repr=False, compare=False)
    place: str = ""
    sharper: bool = False
    shows: tuple[str, ...] = ()

    def __call__(
        self,
        message: str,
        asks: str = "",
        *,
        why: str = "expectation",
        line: int | None = None,
        at: float | None = None,
        task: int | None = None,
        item: int | None = None,
    ) -> Misconception:
        found = Misconception(message, asks, why=why, line=line, at=at, task=task, item=item)
        found.mistake = self
        return found

    @property
    def prose(self) -> Prose | None:
        """The texts for the learner; None if it has no topic.

        Raises `CourseError` if the topic's file has no table for it.
        """
        if self.topic is None:
            return None
        if self.code not in self.topic.prose:
            raise CourseError(f"{self.topic.file} has no table [{self.code}] for this mistake.")
        return self.topic.prose[self.code]


class Topic:
    """The mistakes of one topic; their prose is a TOML file beside the module.

    The file is read only when one of them was made, so a passing submission never waits for it.
    """

    def __init__(self, module: str) -> None:
        self.file = Path(module).with_suffix(".toml")
        self.name = f"grader.course.{self.file.parent.name}.{self.file.stem}"

    def __call__(
        self, code: str, *, place: str = "", sharper: bool = False, shows: tuple[str, ...] = ()
    ) -> Mistake:
        return Mistake(code, self, place, sharper, shows)

    @cached_property
    def prose(self) -> dict[str, Prose]:
        """The prose of all mistakes of the topic, by code.

        Raises `CourseError` if the file cannot be read or is incomplete.
        """
        import tomllib  # noqa: PLC0415 - likewise

        try:
            rows = tomllib.loads(self.file.read_text(encoding="utf-8"))
            return {code: _prose(row) for code, row in rows.items()}
        except (OSError, ValueError, KeyError, TypeError) as error:
            lacks = f"a mistake in it lacks {error}" if isinstance(error, KeyError) else str(error)
            raise CourseError(f"{self.file} is no file of mistakes: {lacks}.") from None


def _prose(row: Mapping[str, Any]) -> Prose:
    follows = tuple(row.get("follows_from", ()))
    return Prose(row["sentence"], tuple(row["hints"]), row["matters"], follows)


def lines(numbers: list[int | None]) -> str:
    """` (line 12)` or ` (lines 12, 30)`, for the end of a sentence; empty if no line is known."""
    known = sorted({number for number in numbers if number})
    if not known:
        return ""
    return f" (line{'s' if len(known) > 1 else ''} {', '.join(map(str, known))})"


def short_key(key: object) -> str:
    """A key for people, in quotation marks: its beginning and its end, where it is long."""
    if isinstance(key, str) and len(key) > LONGEST_KEY:
        key = f"{key[:13]}…{key[-8:]}"
    return repr(key)


def times(count: int) -> str:
    """`once`, or `3 times`."""
    return "once" if count == 1 else f"{count} times"


def apart(*moments: float) -> list[str]:
    """The moments in seconds, with three digits, or as many as tell them from each other: `0.490 s`."""
    digits = 3
    while digits < 9 and len({f"{one:.{digits}f}" for one in moments}) < len({*moments}):
        digits += 1
    return [f"{one:.{digits}f} s" for one in moments]


def span(seconds: float) -> str:
    """A length of time with three digits, or all before the point: `0.03 s`, `5,000 s`."""
    if seconds >= 999.5:
        return f"{seconds:,.0f} s"
    shown = f"{seconds:.3g}"
    return (f"{seconds:.9f}".rstrip("0") if "e" in shown else shown) + " s"


def asked_of_trace(
    function: Callable[Concatenate[Trace, _Params], _Answer],
) -> Callable[Concatenate[Trace, _Params], _Answer]:
    """Attach the trace, the function's first argument, to any `Failure` that it raises; a decorator."""

    @functools.wraps(function)
    def ask(trace: Trace, /, *args: _Params.args, **options: _Params.kwargs) -> _Answer:
        try:
            return function(trace, *args, **options)
        except Failure as failure:
            failure.about(trace)
            raise

    return ask


def quoted(text: str, most: int = 60) -> str:
    """A text in quotation marks, cut to `most` characters."""
    return repr(text if len(text) <= most else f"{text[: most - 1]}…")
