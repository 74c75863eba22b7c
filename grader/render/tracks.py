"""Groups exercises by the part of the course that they belong to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby
from typing import TypeVar

from rich.text import Text

from grader.render.foreign import harmless

__all__ = ["by_track", "track_line"]

_Row = TypeVar("_Row")


def by_track(
    rows: Iterable[_Row], track_of: Callable[[_Row], str]
) -> list[tuple[str, tuple[_Row, ...]]]:
    """Return the rows with the name of their track; one group without a name if there is one track."""
    groups = [(track, tuple(group)) for track, group in groupby(rows, track_of)]
    return groups if len(groups) > 1 else [("", group) for _track, group in groups]


def track_line(track: str, said: str) -> Text:
    """Return the line above the exercises of a track. said: how far it is."""
    return Text.assemble((harmless(track).capitalize(), "label"), (f"  {said}", "aside"))
