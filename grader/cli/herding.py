"""Runs the crowd of an exercise: clients that fail together, by the learner's code and the reference."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from grader.course import catalog
from grader.course.kit.world import Scenario
from grader.render.herd import Arrivals, Herd, arrivals
from grader.results import ExerciseResult
from grader.runner.early import hosting
from grader.runner.hosts import Host
from grader.runner.learner import Learner, Submission
from grader.runner.stops import Stop
from grader.trace import Trace, TraceError

if TYPE_CHECKING:
    from grader.runner.sandbox import Sandbox

__all__ = ["herd", "herds"]


def herds(exercise: str) -> bool:
    """Return whether an exercise has a crowd to show."""
    return catalog.declared(exercise).crowd is not None


def herd(
    result: ExerciseResult, seed: int, *, fork: bool = True, sandbox: Sandbox | None = None
) -> Herd:
    """Return the clients' retries: without jitter, with the learner's code, with the reference.

    fork, sandbox: as in `grader.judge.grade`.
    """
    return asyncio.run(_herd(result, seed, fork=fork, sandbox=sandbox))


async def _herd(result: ExerciseResult, seed: int, *, fork: bool, sandbox: Sandbox | None) -> Herd:
    crowd = catalog.declared(result.exercise).crowd
    assert crowd is not None, "herds() says which exercises have one"
    name, options = crowd.beside
    alone = replace(crowd.scenario, options={**crowd.scenario.options, **options})
    entry = catalog.resolve(result.exercise)
    reference = Submission(entry.id, entry.solution.name, entry.solution.read_text("utf-8"))
    yours = Submission(entry.id, result.path, result.source)
    with hosting(fork=fork, sandbox=sandbox) as host:
        rows = [
            await _arrivals(name, host, reference, seed, alone),
            await _arrivals("yours", host, yours, seed, crowd.scenario),
            await _arrivals("reference", host, reference, seed, crowd.scenario),
        ]
    return Herd(len(crowd.scenario.names), tuple(rows))


async def _arrivals(
    label: str, host: Host, submission: Submission, seed: int, scenario: Scenario
) -> Arrivals:
    learner = Learner(host, submission, f"{seed}/herd/{label}")
    try:
        script = scenario.script(catalog.resolve(submission.name).contract)
        answer = await learner.run(script)
        if isinstance(answer, Stop):
            return _none(label, answer.message)
        trace = Trace(answer, script.items)
    except TraceError:
        return _none(label, "it answered with something that is no trace")
    finally:
        learner.close()
    if trace.how != "quiet":
        return _none(label, str(trace.end.get("detail") or trace.how))
    return arrivals(label, trace)


def _none(label: str, why: str) -> Arrivals:
    first = why.partition("\n")[0].rstrip(".")
    return Arrivals(label, note=f"not shown, since this code could not run it: {first}.")
