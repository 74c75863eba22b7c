"""Declares exercises and checks: title, points and hints stand on the check itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from grader.course.kit.lesson import Consume

__all__ = ["CheckSpec", "Crowd", "Exercise", "check", "spec_of"]

_Check = TypeVar("_Check", bound=Callable[..., Awaitable[None]])


@dataclass(frozen=True)
class Crowd:
    """Clients that fail at one moment: when do they come back?

    scenario: what they are sent through. beside: a name, and the options that the reference is run with
        for a first row to compare with.
    """

    scenario: Consume
    beside: tuple[str, Mapping[str, float]]


@dataclass(frozen=True)
class Exercise:
    """What an exercise is called, the one word for what it teaches, and what it is good for.

    in_production: three sentences on where the pattern serves, shown beside the reference.
    read_next: pairs of a title and an address.
    learned: two short sentences, shown after a pass: what was learned, and why it matters.
    pause: the least and the most, in seconds, that is to be waited after the failed try of a number, by
        the options of a scenario (None: they do not say); screens then show it beside what was waited.
    crowd: clients whose retries are drawn below the timeline.
    """

    title: str
    teaches: str
    in_production: str = ""
    read_next: tuple[tuple[str, str], ...] = ()
    learned: str = ""
    pause: Callable[[Mapping[str, float], int], tuple[float, float] | None] | None = None
    crowd: Crowd | None = None


@dataclass(frozen=True)
class CheckSpec:
    """What stands on a check.

    hints: from a nudge to nearly the code.
    needs: names of earlier checks without which this one says nothing of its own.
    """

    name: str
    title: str
    points: int
    hints: tuple[str, ...]
    needs: tuple[str, ...]


def check(
    *, points: int = 1, hints: tuple[str, ...], needs: tuple[str, ...] = ()
) -> Callable[[_Check], _Check]:
    """Make an async test function a check; its docstring's first line is the learner's title.

    Raises `ValueError` when the docstring or one of at least three hints is missing.
    """

    def declare(function: _Check) -> _Check:
        title = (function.__doc__ or "").strip().partition("\n")[0]
        if not title or len(hints) < 3 or not all(hints):
            raise ValueError(f"{function.__name__} needs a title and at least three hints")
        spec = CheckSpec(function.__name__, title, points, hints, needs)
        setattr(function, _SPEC, spec)
        return function

    return declare


_SPEC = "__check__"


def spec_of(function: Any) -> CheckSpec | None:
    """What `check` put on the function, or None for any other."""
    return getattr(function, _SPEC, None)
