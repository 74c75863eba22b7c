"""Runs scenarios on a submission, and distinguishes faults of the lab from faults of the submission."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from grader.course.api import stopped
from grader.course.catalog import resolve
from grader.errors import GraderFault
from grader.runner.learner import Learner, Submission
from grader.runner.stops import Stop
from grader.script import Script

__all__ = ["scenario_runner"]


def scenario_runner(
    learner: Learner,
) -> Callable[[Script, int], Awaitable[Mapping[str, Any]]]:
    """The function with which a `Subject` runs scenarios; it raises `Failure` if there is no trace."""

    async def run(script: Script, process: int) -> Mapping[str, Any]:
        answer = await learner.run(script, process)
        trouble = _unplayable(answer)
        if trouble and _unplayable(await _by_the_reference(learner, script)) == trouble:
            raise GraderFault(f"The reference cannot play this scenario either: {trouble}")
        if isinstance(answer, Stop):
            raise stopped(answer.message, answer.why, answer.line, answer.error, holds=answer.holds)
        if type(answer) is not dict:
            raise GraderFault("A process answered with no object.")
        return answer

    return run


def _unplayable(answer: Any) -> str:
    """Why a scenario failed to run, if that may be the lab's fault; else ""."""
    if isinstance(answer, Stop):
        return answer.message if answer.why == "error" else ""
    end = answer.get("end") if type(answer) is dict else None
    if type(end) is not dict:
        return ""
    if end.get("how") in ("missing", "signature"):
        return str(end.get("detail"))[:200]
    error = end.get("error")
    if type(error) is not dict or not error.get("lab") or error.get("lines"):
        return ""
    return f"{error.get('type')}: {error.get('text')} at {error['lab']}"[:300]


async def _by_the_reference(learner: Learner, script: Script) -> Any:
    """The reference's answer to the same request; None if the reference cannot be read.

    If the lab cannot run a scenario, that is the grader's fault; if a submission damages the lab, that is
    the submission's. The reference tells them apart, and no submission can affect how it runs.
    """
    entry = resolve(learner.submission.name)
    try:
        source = entry.solution.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    reference = learner.beside(Submission(entry.id, entry.solution.name, source))
    try:
        return await reference.run(script, 0)
    finally:
        reference.close()
