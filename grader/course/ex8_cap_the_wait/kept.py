"""Whether each call pauses by its own settings, whatever was called before with some of them.

The function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from grader.course.api import Trace
from grader.course.ex8_cap_the_wait.ceiling import as_asked
from grader.course.ex8_cap_the_wait.outage import Outage, Runs
from grader.course.mistakes.crew import STATE_SHARED_BETWEEN_RUNS

__all__ = ["nothing_kept"]

_SETTINGS = ("delay", "backoff", "jitter", "max_delay")


def nothing_kept(runs: Runs) -> None:
    """No call pauses as an earlier one was asked to."""
    for place, (scenario, trace) in enumerate(runs):
        if not as_asked(trace, scenario.options):
            _not_as(trace, scenario, runs[:place])


def _not_as(trace: Trace, scenario: Outage, earlier: Runs) -> None:
    for other, _ in earlier:
        if as_asked(trace, other.options):
            changed = [name for name in _SETTINGS if other.options[name] != scenario.options[name]]
            before = ", ".join(f"{name}={other.options[name]:g}" for name in changed)
            now = ", ".join(f"{name}={scenario.options[name]:g}" for name in changed)
            retry = trace.retries[-1]
            raise STATE_SHARED_BETWEEN_RUNS(
                f"Called with {now}, after a call with {before} and otherwise the same settings, the "
                "consumer paused as the first of these calls was asked to. Something that is kept in "
                "the module, or in a default, outlives the call.",
                "Each call goes by its own settings, whatever was called before.",
                at=retry.start + retry.pause,
                task=retry.task,
                item=retry.item,
            ).about(trace)
