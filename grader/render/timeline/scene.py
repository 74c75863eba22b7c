"""Words on a timeline: the scenario, the finding, or why there is no timeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.render.timeline.model import Finding
from grader.results import CheckResult, ExerciseResult, Outcome

__all__ = ["finding_of", "no_timeline", "scenario_words"]


def finding_of(check: CheckResult | None) -> Finding:
    """Return what a failed check found; an empty finding otherwise."""
    if check is None or check.outcome is not Outcome.FAILED:
        return Finding()
    return Finding(check.misconception, check.message, check.line, check.shows)


def scenario_words(raw: Mapping[str, Any]) -> str:
    """Return the call in words: `run_pipeline` or consumers, how many items and which options."""
    items, consumers = len(raw.get("items") or ()), len(raw.get("consumers") or ())
    what = "run_pipeline" if raw.get("kind") != "consume" else f"{consumers} x consumer"
    things = f"{items} item{'s' if items != 1 else ''}"
    options = [f"{name}={value:g}" for name, value in (raw.get("asked") or {}).items()]
    return f"Called: {', '.join([f'{what} with {things}', *options])}."


def no_timeline(result: ExerciseResult, check: CheckResult | None) -> str:
    """Return why there is nothing to draw, and what to do about it."""
    name = result.path or f"{result.exercise}.py"
    if result.outcome is Outcome.MISSING:
        return f"There is no timeline: there is no file `{name}`."
    if result.outcome is Outcome.UNGRADED:
        return f"There is no timeline: the grader could not judge `{name}`. {result.note}".strip()
    if result.outcome is Outcome.NOT_STARTED and check is None:
        return f"There is no timeline yet: `{name}` is as it came, and was not run."
    if check is not None and check.outcome is Outcome.NOT_RUN:
        return f"There is no timeline of this check: {check.message or 'it was not run'}."
    why = check.message.partition("\n")[0] if check is not None and check.message else "nothing ran"
    return f"There is no timeline of `{name}`: {why.rstrip('.')}. Mend that first."
