"""Finds the checks and the scenarios that they run first, before pytest is even imported.

Each check is run up to its first request, which cannot depend on any answer. So the learner's process
can work while the grader is still starting.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator

from grader.course.api import CheckSpec, Draw, Exercise, Rehearsal, Rehearsed, spec_of
from grader.course.catalog import Entry, declared
from grader.results import CheckResult
from grader.script import Script

__all__ = ["draw_for", "not_run", "not_run_yet", "rehearse", "requests_of"]


def draw_for(seed: int, exercise: str, check: str) -> Draw:
    """The draws of one check in a run with this seed."""
    return Draw(f"{seed}/{exercise}/{check}", f"{seed}/{exercise}")


def not_run(entry: Entry) -> tuple[CheckResult, ...]:
    """Results for an exercise whose checks were not run; empty if they cannot be imported."""
    try:
        module = importlib.import_module(entry.module)
    except Exception:  # noqa: BLE001 - whoever runs them will say it
        return ()
    specs = [spec for spec in map(spec_of, vars(module).values()) if spec is not None]
    return tuple(not_run_yet(one, declared(entry.id)) for one in specs)


def not_run_yet(spec: CheckSpec, exercise: Exercise) -> CheckResult:
    """The result of a check that was not run."""
    subgoal = exercise.subgoal_of(spec.name)
    return CheckResult(
        *(spec.name, spec.title, spec.points),
        hints=spec.hints,
        subgoal=subgoal,
        pictured=spec.pictured,
    )


def rehearse(entry: Entry, seed: int) -> Iterator[tuple[Script, int]]:
    """The first requests of each check of an exercise: scripts, each with its process.

    Errors are ignored here: they occur again when the check itself runs, and are reported then.
    """
    for requests in requests_of(entry, seed).values():
        yield from requests


def requests_of(entry: Entry, seed: int) -> dict[str, list[tuple[Script, int]]]:
    """The same, by check; a scenario that checks share is listed only for the first of them."""
    found: dict[str, list[tuple[Script, int]]] = {}
    try:
        module = importlib.import_module(entry.module)
    except Exception:  # noqa: BLE001 - the check itself will say it
        return found
    shared: set[str] = set()
    for name, function in vars(module).items():
        if spec_of(function) is None:
            continue
        try:
            function(Rehearsal(), draw_for(seed, entry.id, name)).send(None)
        except Rehearsed as first:
            if not first.shared or first.shared not in shared:
                found[name] = [(one.script(entry.contract), n) for one, n in first.requests]
            shared.add(first.shared)
        except Exception:  # noqa: BLE001, S112 - the check itself will say it
            continue
    return found
