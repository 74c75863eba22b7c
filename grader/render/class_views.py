"""Prepares a class for its page: scores, mistakes, groups that look alike, table rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from grader.class_results import Alike, Likeness
from grader.render.class_figures import (
    Bin,
    ClassFigures,
    LearnerFigures,
    MisconceptionFigures,
)
from grader.results import Outcome

__all__ = [
    "LIKENESS",
    "AlikeView",
    "Describe",
    "RowView",
    "alike_views",
    "chart",
    "in_words",
    "is_common",
    "likeness",
    "mistake_views",
    "row_views",
    "teach_views",
]

Describe = Callable[[str], tuple[str, str]]
"""Returns a misconception's sentence, and why it matters, by its code."""

LIKENESS = {
    Likeness.SAME: "the same but for comments and blank space",
    Likeness.RENAMED: "the same but for names and texts",
    Likeness.NEARLY: "nearly the same",
}

COMMON = 0.1  # share of a class that can hardly all have copied
MANY = 5


def in_words(code: str) -> tuple[str, str]:
    """Describe a misconception by its code alone."""
    return code.replace("-", " ").capitalize() + ".", ""


# -- scores ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """One column of the chart of scores, in the chart's own units."""

    label: str
    learners: int
    x: float
    y: float
    width: float
    height: float
    full: bool

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True)
class Chart:
    """The chart of scores: its columns, its size, and where its axis is (`base`)."""

    columns: tuple[Column, ...] = ()
    width: int = 720
    height: int = 210
    base: int = 180

    TOP = 24


def chart(scores: Sequence[Bin]) -> Chart:
    """Return the scores as columns, with heights in proportion to the number of learners."""
    empty = Chart()
    tallest = max((one.learners for one in scores), default=0)
    room = empty.base - empty.TOP
    slot = empty.width / max(1, len(scores))
    columns = []
    for place, one in enumerate(scores):
        height = round(room * one.learners / tallest, 1) if tallest else 0.0
        columns.append(
            Column(
                f"{one.low}" if one.low == one.high else f"{one.low}–{one.high}",  # noqa: RUF001 - a range
                one.learners,
                round((place + 0.1) * slot, 1),
                round(empty.base - height, 1),
                round(0.8 * slot, 1),
                height,
                place == len(scores) - 1,
            )
        )
    return Chart(tuple(columns))


# -- mistakes and groups -----------------------------------------------------------------------


@dataclass(frozen=True)
class MistakeView:
    """A misconception in words, with its figures."""

    sentence: str
    matters: str
    figures: MisconceptionFigures


def mistake_views(figures: ClassFigures, describe: Describe) -> list[MistakeView]:
    """Return all misconceptions in words."""
    return [MistakeView(*describe(one.code), one) for one in figures.misconceptions]


@dataclass(frozen=True)
class AlikeView:
    """A group that looks alike.

    common: it is a large part of the class. also: other exercises in which two or more of its
    members look alike, each with how many do.
    """

    number: int
    exercise: str
    words: str
    members: list[LearnerFigures]
    common: bool
    also: tuple[tuple[str, int], ...] = ()


def alike_views(alike: Sequence[Alike], figures: ClassFigures) -> list[AlikeView]:
    """Return all groups with their members' figures; those alike in most exercises come first."""
    known = {one.submission: one for one in figures.learners}
    also = [_alike_elsewhere(group, alike) for group in alike]
    order = sorted(range(len(alike)), key=lambda place: -len(also[place]))
    return [
        AlikeView(
            number,
            alike[place].exercise,
            likeness(alike[place]),
            [known[name] for name in alike[place].submissions if name in known],
            is_common(alike[place], len(figures.learners)),
            also[place],
        )
        for number, place in enumerate(order, 1)
    ]


def _alike_elsewhere(group: Alike, alike: Sequence[Alike]) -> tuple[tuple[str, int], ...]:
    members = set(group.submissions)
    most: dict[str, int] = {}
    for other in alike:
        if other.exercise != group.exercise:
            shared = len(members.intersection(other.submissions))
            most[other.exercise] = max(most.get(other.exercise, 0), shared)
    return tuple((exercise, shared) for exercise, shared in most.items() if shared > 1)


def is_common(group: Alike, learners: int) -> bool:
    """Return whether so many look alike that an obvious solution is the likeliest reason."""
    return len(group.submissions) >= max(MANY, COMMON * learners)


def likeness(group: Alike) -> str:
    """Return in words how much alike a group is."""
    share = f" ({round(group.share * 100)} % in common)"
    return LIKENESS[group.likeness] + (share if group.likeness is Likeness.NEARLY else "")


# -- what to teach next ------------------------------------------------------------------------

NEXT = 3  # as many as an hour has room for


@dataclass(frozen=True)
class TeachView:
    """Something that many have not understood: a sentence, how many of those who started, and where.

    code: the misconception, or "" for a check that is failed in some other way.
    """

    sentence: str
    matters: str
    learners: int
    of: int
    exercises: tuple[str, ...]
    code: str = ""


def teach_views(figures: ClassFigures, describe: Describe) -> list[TeachView]:
    """Return what to teach next: what the most learners lack, recognised mistakes or failed checks."""
    started = {one.exercise: one.started for one in figures.exercises}
    found = [
        TeachView(
            *describe(one.code),
            one.learners,
            max(started.get(name, 0) for name, _ in one.exercises),
            tuple(name for name, _ in one.exercises),
            one.code,
        )
        for one in figures.misconceptions
    ]
    found += [
        TeachView(
            f"Not passed: {check.title}", "", check.unrecognised, one.started, (one.exercise,)
        )
        for one in figures.exercises
        for check in one.checks
        if check.unrecognised > 1
    ]
    return sorted(found, key=lambda one: -one.learners)[:NEXT]


# -- the table ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """One learner's result in one exercise."""

    outcome: Outcome
    points: int


@dataclass(frozen=True)
class RowView:
    """A row of the table. tags: what the row can be found by, separated by blanks."""

    learner: LearnerFigures
    cells: list[Cell | None]
    tags: str
    notes: str


def row_views(figures: ClassFigures, groups: Sequence[AlikeView]) -> Iterator[RowView]:
    """Yield a row per learner, in the order of the class."""
    grouped: dict[str, list[str]] = {}
    for group in groups:
        for member in group.members:
            grouped.setdefault(member.submission, ["alike"]).append(f"g:{group.number}")
    for learner in figures.learners:
        results = {row[0]: Cell(row[1], row[2]) for row in learner.outcomes}
        cells = [results.get(one.exercise) for one in figures.exercises]
        tags = [*_tags(learner), *grouped.get(learner.submission, ())]
        yield RowView(learner, cells, " ".join(tags), _notes(learner, tags))


def _tags(learner: LearnerFigures) -> Iterator[str]:
    yield "complete" if learner.complete else "open"
    facts = {
        "ungraded": learner.ungraded,
        "flagged": learner.flags,
        "late": learner.late,
        "doubtful": learner.doubts,
    }
    yield from (tag for tag, holds in facts.items() if holds)
    yield from (f"x:{row[0]}" for row in learner.outcomes if row[1] is not Outcome.PASSED)
    yield from (f"m:{code}" for code in learner.mistakes)


def _notes(learner: LearnerFigures, tags: Sequence[str]) -> str:
    words = {
        "not graded": learner.ungraded,
        "flagged": learner.flags,
        "late": learner.late,
        "a file in doubt": learner.doubts,
        "looks alike": "alike" in tags,
        "files not used": learner.unused,
    }
    final = [f"in the end {learner.final}"] if learner.final else []
    return ", ".join([*final, *(word for word, holds in words.items() if holds)])
