"""Keeps what a check observed, for display: a trace, its scenario, and where a failure shows."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from grader.contained import contained
from grader.course.api import Failure, Scenario, Subject
from grader.course.catalog import Entry, declared
from grader.results import Observation, Sight
from grader.trace import Trace

__all__ = ["Pick", "Run", "observation_of", "run_of", "scenario_of", "sights_in"]

MOST_SHOWN = 10_000  # events; longer traces are not displayed
MOST_DESCRIBED = 40  # items; nobody reads what is planned for more
_NAMED = re.compile(r"^\s*(?:\w+\.)?(\w+)\s*(?::[^=]+)?=[^=]")

Run = tuple[Scenario, Trace]
Pick = Callable[[Sequence[Run], Run | None], Run]
"""Chooses the run to keep of all runs of a check, and of the one that shows its failure, if any does."""


def run_of(
    subject: Subject | None, error: BaseException | None, pick: Pick | None = None
) -> Run | None:
    """The run that is picked, or else that shows the failure, or the last one; None if nothing ran."""
    if subject is None or not subject.runs:
        return None
    failed = error.trace if isinstance(error, Failure) else None
    failing = next((run for run in subject.runs if run[1] is failed), None)
    if pick is not None:
        return pick(subject.runs, failing)
    return failing or subject.runs[-1]


def scenario_of(run: Run) -> str:
    """What tells the scenario of a run from others: the same seed and check draw the same again."""
    return hashlib.sha256(repr(run[0]).encode("utf-8", "replace")).hexdigest()


def observation_of(
    entry: Entry, run: Run | None, source: str, *, told: bool = False
) -> Observation:
    """The trace of a run with its options; `source` is the learner's file. told: with its scenario."""
    if run is None or len(run[1].events) > MOST_SHOWN:
        return Observation()
    scenario, trace = run
    shown = {
        "asked": dict(scenario.options),
        **({"differently": dict(scenario.differently)} if scenario.differently else {}),
        "items": [str(item) for item in trace.items],
        "windows": _windows(entry, trace, scenario.options),
        "queues": _queues(trace, source),
    }
    if not told:
        return Observation({**trace.raw, **shown})
    if len(trace.items) <= MOST_DESCRIBED:
        from grader.course.kit.describe import described  # noqa: PLC0415 - only for what is predicted

        shown["told"] = described(scenario.script(entry.contract))
    return Observation({**trace.raw, **shown}, scenario_of(run))


def sights_in(entry: Entry, run: Run | None, failure: Failure) -> tuple[Sight, ...]:
    """Where a failure shows; does not affect the verdict."""
    if run is None or len(run[1].events) > MOST_SHOWN:
        return ()
    from grader.course.evidence import sights_of  # noqa: PLC0415 - who passes has no use for it

    scenario, trace = run
    windows = _windows(entry, trace, scenario.options)
    return contained(lambda: sights_of(failure, trace, scenario, windows), ())


def _windows(entry: Entry, trace: Trace, asked: Mapping[str, Any]) -> list[list[float]]:
    """The shortest and longest wait after failed tries 1, 2, ... in seconds; empty if none is set."""
    pause = declared(entry.id).pause
    if pause is None or not trace.retries:
        return []
    unsaid = (one.defaults for one in entry.contract.functions.values())
    said = {**dict(item for defaults in unsaid for item in defaults.items()), **asked}
    found = [pause(said, n) for n in range(1, max(r.number for r in trace.retries) + 1)]
    return [list(window) for window in found if window is not None]


def _queues(trace: Trace, source: str) -> list[str]:
    """The queues' names, by number: the script's, or the variable assigned on the learner's line."""
    lines = source.splitlines()
    names = list(trace.queues)
    for event in trace.of("queue")[len(names) :]:
        line = lines[event.line - 1] if event.line and event.line <= len(lines) else ""
        found = _NAMED.match(line)
        names.append(found[1] if found else "")
    return names
