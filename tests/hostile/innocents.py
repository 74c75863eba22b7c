"""Innocent learners, who are graded beside the hostile: most of them right, all of them honest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle, islice, zip_longest

from grader.course.catalog import find_root
from tests.corpus import EXERCISES, Labelled, load
from tests.hostile.cases import Case

__all__ = ["innocents"]

_VERDICTS = {"right": "accept", "wrong": "reject"}
_FULL = 8  # every so many hand in all exercises


def innocents(count: int) -> tuple[Case, ...]:
    """So many, the same ones every time: two right for each wrong one, and some who have not begun."""
    return tuple(islice(_all(), count))


def _all() -> Iterator[Case]:
    singles, number = _singles(), 0
    while True:
        number += 1
        if number % _FULL == 1:
            yield _whole(f"all-right-{number}", "solutions", EXERCISES, "accept")
        elif number % _FULL == 5:
            yield _whole(f"not-begun-{number}", "exercises", EXERCISES[:4], "reject")
        else:
            one = next(singles)
            source = {one.exercise: one.path.read_bytes()}
            name = f"{one.id}-{number}"
            yield Case(name, one.label, name, source, {one.exercise: _VERDICTS[one.label]})


def _whole(name: str, place: str, exercises: tuple[str, ...], verdict: str) -> Case:
    folder = find_root() / place
    sources = {one: (folder / f"{one}.py").read_bytes() for one in exercises}
    return Case(name, "honest", name, sources, dict.fromkeys(exercises, verdict))


def _singles() -> Iterator[Labelled]:
    """The corpus for ever: two right ones, then a wrong one, of each exercise in turn."""
    corpus = load()
    piles = {
        label: cycle(_mixed([one for one in corpus if one.label == label])) for label in _VERDICTS
    }
    for label in cycle(("right", "right", "wrong")):
        yield next(piles[label])


def _mixed(corpus: Sequence[Labelled]) -> list[Labelled]:
    """One of each exercise at a time."""
    piles = [[one for one in corpus if one.exercise == exercise] for exercise in EXERCISES]
    return [one for batch in zip_longest(*piles) for one in batch if one is not None]
