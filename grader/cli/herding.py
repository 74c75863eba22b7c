"""Runs the herd: 100 clients that fail together, with the learner's code and the reference."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from grader.course import catalog
from grader.render.herd import Arrivals, Herd, arrivals
from grader.results import ExerciseResult
from grader.runner.early import hosting
from grader.runner.hosts import Host
from grader.runner.learner import Learner, Submission
from grader.runner.stops import Stop
from grader.scenario import ALWAYS, Consume, Job
from grader.trace import Trace, TraceError

if TYPE_CHECKING:
    from grader.runner.sandbox import Sandbox

__all__ = ["CLIENTS", "herd", "herds"]

CLIENTS = 100
SECONDS = 0.09  # per try; with a delay of 30 ms the first retries come at 0.120 s
_EXERCISE = "ex4_add_jitter"  # the exercise about the herd
_SETTINGS = {"attempts": 4, "delay": 0.03, "backoff": 2.0, "jitter": 0.25}


def herds(exercise: str) -> bool:
    """Return whether an exercise is about the herd."""
    return exercise == _EXERCISE


def herd(
    result: ExerciseResult, seed: int, *, fork: bool = True, sandbox: Sandbox | None = None
) -> Herd:
    """Return the clients' retries: without jitter, with the learner's code, with the reference.

    fork, sandbox: as in `grader.judge.grade`.
    """
    return asyncio.run(_herd(result, seed, fork=fork, sandbox=sandbox))


async def _herd(result: ExerciseResult, seed: int, *, fork: bool, sandbox: Sandbox | None) -> Herd:
    entry = catalog.resolve(result.exercise)
    reference = Submission(entry.id, entry.solution.name, entry.solution.read_text("utf-8"))
    yours = Submission(entry.id, result.path, result.source)
    with hosting(fork=fork, sandbox=sandbox) as host:
        rows = [
            await _arrivals("no jitter", host, reference, seed, jitter=0.0),
            await _arrivals("yours", host, yours, seed),
            await _arrivals("reference", host, reference, seed),
        ]
    return Herd(CLIENTS, tuple(rows))


async def _arrivals(
    label: str, host: Host, submission: Submission, seed: int, **changes: float
) -> Arrivals:
    jobs = tuple(Job(number, SECONDS, ALWAYS) for number in range(1001, 1001 + CLIENTS))
    names = tuple(f"C{number}" for number in range(1, CLIENTS + 1))
    learner = Learner(host, submission, f"{seed}/herd/{label}")
    try:
        answer = await learner.run(Consume(jobs, names, {**_SETTINGS, **changes}))
        if isinstance(answer, Stop):
            return _none(label, answer.message)
        trace = Trace(answer, [job.item for job in jobs])
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
