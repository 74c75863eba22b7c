"""Tells the first start in a course folder from all later ones, which are not welcomed again."""

from __future__ import annotations

from pathlib import Path

from grader.course import catalog
from grader.practice.progress import Store
from grader.results import Outcome

__all__ = ["WELCOME", "is_first_start"]

WELCOME = "welcome"
"""Its name in the store, among the things that are said only once."""


def is_first_start(store: Store | None, folder: Path) -> bool:
    """Whether nobody was welcomed here, no exercise was ever begun, and every stub is as it came.

    store: None for a folder that is not the learner's own, where nobody is welcomed.
    """
    if store is None or store.was_told(WELCOME):
        return False
    begun = (known.outcome is not Outcome.NOT_STARTED for known in store.progress().values())
    return not any(begun) and all(_is_as_it_came(entry, folder) for entry in catalog.exercises())


def _is_as_it_came(entry: catalog.Entry, folder: Path) -> bool:
    from grader.judge.modules import decoded, is_untouched  # noqa: PLC0415 - only a first start asks

    try:
        source = decoded((folder / f"{entry.id}.py").read_bytes())
    except (OSError, ValueError):
        return False
    return is_untouched(source, catalog.pristine(entry.id))
