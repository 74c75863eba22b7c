"""Picks the few notes that matter: the check's evidence, and facts evident from the trace."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from grader.render.foreign import harmless
from grader.render.timeline.model import Finding
from grader.render.timeline.notes import facts, well
from grader.results import Sight
from grader.trace import Cast

__all__ = ["notes"]

MOST = 5  # notes below a timeline
EACH = 2  # notes of one kind

Find = Callable[[Cast], Iterable[Sight]]
_CERTAIN: Sequence[Find] = (facts.blocked, facts.died, facts.deadlocks, facts.polling)
_WELL: Sequence[Find] = (
    well.full,
    well.first_pause,
    well.gave_up,
    facts.died,
    well.cancelled,
    well.returned,
)


def notes(cast: Cast, finding: Finding) -> tuple[Sight, ...]:
    """The notes to show, at most `MOST`, in order of time, each in a lane."""
    if not finding:
        good = [replace(sight, wrong=False) for find in _WELL for sight in find(cast)]
        return _shown(_few(good, 1), cast)
    certain = _few([sight for find in _CERTAIN for sight in find(cast)], EACH)
    own = [sight for sight in finding.sights if not (certain and not sight.kind)]
    return _shown(_one_place([*own, *certain])[:MOST], cast)


def _few(found: Sequence[Sight], each: int) -> list[Sight]:
    """The first sights of each kind; the last of several adds how many more there are."""
    kinds: dict[str, list[Sight]] = {}
    for sight in found:
        kinds.setdefault(sight.kind, []).append(sight)
    shown: list[Sight] = []
    for alike in kinds.values():
        shown += alike[:each]
        more = len(alike) - each
        if more > 0 and each > 1:
            shown[-1] = replace(shown[-1], text=f"{shown[-1].text} (and {more} more like it)")
    return shown


def _one_place(found: Sequence[Sight]) -> list[Sight]:
    """The same without duplicates, which have the same time, task and text."""
    kept: dict[tuple[float, int | None, str], Sight] = {}
    for sight in found:
        kept.setdefault((sight.at, sight.task, sight.text), sight)
    return list(kept.values())


def _shown(found: Iterable[Sight], cast: Cast) -> tuple[Sight, ...]:
    """At most `MOST` sights in order of time, moved to visible lanes, without control characters."""
    placed = (
        replace(
            sight,
            task=None if sight.task is None else cast.shown(sight.task),
            text=harmless(sight.text).replace("\n", " "),
        )
        for sight in found
    )
    return tuple(sorted(placed, key=lambda sight: sight.at)[:MOST])
