"""Declares exercises and checks; a check's title, points and hints are declared on its function."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from grader.course.kit.lesson import Consume

__all__ = ["CheckSpec", "Crowd", "Exercise", "Weathers", "check", "spec_of"]

_Check = TypeVar("_Check", bound=Callable[..., Awaitable[None]])


@dataclass(frozen=True)
class Crowd:
    """Clients that all fail at the same moment, to show when they come back.

    scenario: the scenario that they take part in.
    beside: the title of a row for comparison, and the options with which the reference is run for it.
    """

    scenario: Consume
    beside: tuple[str, Mapping[str, float]]


@dataclass(frozen=True)
class Weathers:
    """Scenarios that somebody else writes as a table, in a TOML file.

    read: makes a scenario's description of the table; raises `ValueError` with what is wrong in it and
        what to do next.
    checks: the module beside `checks` whose checks run in it, and get it from `given`.
    """

    read: Callable[[Mapping[str, Any]], Any]
    checks: str = "weathered"
    _given: list[Any] = field(default_factory=list, compare=False)

    @contextmanager
    def giving(self, read: Any) -> Iterator[None]:
        """Hand what `read` returned to the checks that run meanwhile."""
        self._given.append(read)
        try:
            yield
        finally:
            self._given.pop()

    @property
    def given(self) -> Any:
        """What was read last; raises `LookupError` outside of `giving`."""
        return self._given[-1]


@dataclass(frozen=True)
class Exercise:
    """An exercise's title and the texts that go with it.

    track: the part of the course that it belongs to, in one word that can be typed in its place.
    teaches: one word for its topic.
    in_production: three sentences on where the pattern is used, shown beside the reference.
    read_next: pairs of a title and an address.
    subgoals: what the checks stand under, on screens as in the stub: a few words, and the names of its
        checks, for each; in the order of their first checks.
    learned: two short sentences, shown after a pass: what was learned, and why it matters.
    pause: takes a scenario's options and the number of a failed try; returns the shortest and longest
        wait asked for after it, in seconds, or None if the options do not say. Screens show it beside
        the actual wait.
    crowd: clients whose retries are drawn below the timeline.
    weathers: how it is judged in scenarios of somebody else's, if it can be.
    """

    title: str
    track: str
    teaches: str
    in_production: str = ""
    read_next: tuple[tuple[str, str], ...] = ()
    subgoals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    learned: str = ""
    pause: Callable[[Mapping[str, float], int], tuple[float, float] | None] | None = None
    crowd: Crowd | None = None
    weathers: Weathers | None = None

    def subgoal_of(self, check: str) -> str:
        """The words that a check stands under; "" for one that has none."""
        return next((words for words, names in self.subgoals.items() if check in names), "")


@dataclass(frozen=True)
class CheckSpec:
    """The declaration of a check.

    hints: from a nudge to nearly the code.
    needs: names of earlier checks that must pass for this one to be meaningful.
    pictured: whether its run shows the lesson of the exercise: the one to draw after a pass.
    """

    name: str
    title: str
    points: int
    hints: tuple[str, ...]
    needs: tuple[str, ...]
    pictured: bool = False


def check(
    *,
    points: int = 1,
    hints: tuple[str, ...],
    needs: tuple[str, ...] = (),
    pictured: bool = False,
) -> Callable[[_Check], _Check]:
    """Declare an async test function as a check; the first line of its docstring is its title.

    One check of an exercise is `pictured`: of its runs the last one is drawn, or that of `Subject.show`.

    Raises `ValueError` without a docstring or at least three hints, or if a hint is empty.
    """

    def declare(function: _Check) -> _Check:
        title = (function.__doc__ or "").strip().partition("\n")[0]
        if not title or len(hints) < 3 or not all(hints):
            raise ValueError(f"{function.__name__} needs a title and at least three hints")
        spec = CheckSpec(function.__name__, title, points, hints, needs, pictured)
        setattr(function, _SPEC, spec)
        return function

    return declare


_SPEC = "__check__"


def spec_of(function: Any) -> CheckSpec | None:
    """The declaration that `check` attached to a function; None for any other function."""
    return getattr(function, _SPEC, None)
