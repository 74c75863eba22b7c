"""The catalogue of recognised mistakes: one place for their names, words and hints.

    misconception("one-try-too-many").sentence

Checks name a mistake by its code only; whoever shows it looks it up here. Nobody needs the catalogue
for a submission that passes: import it when a code is at hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from grader.course.mistakes import (
    bound,
    counts,
    crew,
    draws,
    errors,
    growth,
    items,
    jitter,
    log,
    loop,
    marks,
    pauses,
    tries,
)
from grader.course.mistakes.known import KnownMistake

__all__ = ["CATALOGUE", "KnownMistake", "misconception"]

_TOPICS = (
    bound,
    items,
    log,
    crew,
    tries,
    counts,
    marks,
    pauses,
    growth,
    jitter,
    draws,
    errors,
    loop,
)

CATALOGUE: Mapping[str, KnownMistake] = MappingProxyType(
    {mistake.code: mistake for topic in _TOPICS for mistake in topic.MISTAKES}
)
"""Every mistake, by its code, topic by topic."""


def misconception(code: str) -> KnownMistake:
    """The mistake of this code; raises `KeyError` for a code that the catalogue does not have."""
    return CATALOGUE[code]
