"""Finds evidence in the trace of a failed check: the moments where the failure shows, for the screens.

Either the failure itself says when it shows, or its mistake names finders: functions in this folder,
each of which looks for one kind of evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from grader.course.evidence import ends, marks, pauses, queues, timeouts, tries
from grader.course.evidence.scene import Scene
from grader.course.kit.failures import Failure
from grader.course.kit.world import Scenario
from grader.results import Sight
from grader.trace import Trace

__all__ = ["sights_of"]

EACH = 2  # sights shown of one kind; the rest are only counted
MOST = 5
Finder = Callable[[Scene], Iterable[Sight]]
_MODULES = {
    "ends": ends,
    "marks": marks,
    "pauses": pauses,
    "queues": queues,
    "timeouts": timeouts,
    "tries": tries,
}


def sights_of(
    failure: Failure,
    trace: Trace,
    scenario: Scenario,
    windows: Sequence[Sequence[float]] = (),
) -> tuple[Sight, ...]:
    """Where a failure shows in its trace, most telling first.

    windows: the shortest and longest wait after each try, in seconds.
    """
    mistake = failure.mistake
    scene = Scene(trace, scenario, windows)
    found = [one for find in _finders(mistake.shows if mistake else ()) for one in find(scene)]
    told = [one for one in found if one.wrong or one.kind == "gave-up"]
    if not told:
        return (_of_the_failure(failure, scene),)
    if not told[0].wrong:  # the counts are wrong, and this is one of the events that they count
        said = failure.message.partition("\n")[0].rstrip(".")
        told[0] = replace(told[0], text=f"{told[0].text} · {said}", wrong=True)
    return tuple(_few(told)[:MOST])


def _finders(shows: Iterable[str]) -> list[Finder]:
    named = [name.partition(".") for name in shows]
    return [getattr(_MODULES[module], name) for module, _, name in named]


def _few(found: Sequence[Sight]) -> list[Sight]:
    """The first sights of each kind; the last one adds how many more there are."""
    kinds: dict[str, list[Sight]] = {}
    for sight in found:
        kinds.setdefault(sight.kind, []).append(sight)
    shown: list[Sight] = []
    for alike in kinds.values():
        shown += alike[:EACH]
        more = len(alike) - EACH
        if more > 0:
            text = f"{alike[EACH - 1].text} (and {more} more like it)"
            shown[-1] = replace(alike[EACH - 1], text=text)
    return shown


def _of_the_failure(failure: Failure, scene: Scene) -> Sight:
    """The first line of the failure's message, at the moment and in the task that it names."""
    trace = scene.trace
    at = _moment(failure, scene)
    task = failure.task
    if task is None and failure.line is not None:
        there = [e.task for e in trace.events if e.line == failure.line and e.at <= at + 0.001]
        task = there[-1] if there and there[-1] else None
    if task is None:
        own = [
            one.task
            for one in trace.tries
            if failure.item in (None, one.item) and one.start <= at + 0.001
        ]
        task = own[-1] if own else None
    message = failure.message.partition("\n")[0].rstrip(".")
    if task is not None:
        message = message.removeprefix(f"{scene.cast.name(task)} ")
    return scene.sight(at, task, "", message)


def _moment(failure: Failure, scene: Scene) -> float:
    """The failure's time if it is within the run; else the end of its item, or of the run."""
    trace = scene.trace
    if failure.at is not None and failure.at <= trace.clock + 0.001:
        return min(failure.at, trace.clock)
    of_item = [one for one in trace.tries if one.item == failure.item and one.end is not None]
    if of_item:
        return of_item[-1].end or 0.0
    puts = [put.at for put in trace.puts if failure.item is not None and put.item == failure.item]
    waits = failure.mistake is not None and any("pauses." in one for one in failure.mistake.shows)
    back = [one.start + one.pause for one in trace.retries] if waits else []
    return next(iter([*puts, *back]), trace.clock)
