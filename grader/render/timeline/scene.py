"""Words on a timeline: the scenario, the finding, or why there is no timeline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from grader.render.measures import read
from grader.render.timeline.model import Finding
from grader.results import CheckResult, ExerciseResult, Outcome

__all__ = ["finding_of", "no_timeline", "scenario_words"]


def finding_of(check: CheckResult | None) -> Finding:
    """Return what a failed check found; an empty finding otherwise."""
    if check is None or check.outcome is not Outcome.FAILED:
        return Finding()
    return Finding(check.message, check.line, check.sights)


def scenario_words(raw: Mapping[str, Any]) -> str:
    """Describe the calls in words: the functions, the number of items and the options."""
    known = read(raw)  # an object that was handed out twice is two items
    items = len((known.raw if known is not None else raw).get("items") or ())
    calls = Counter(raw.get("called") or ())
    named = bool(raw.get("crew"))  # calls such as consumers, of which even a single one is counted
    what = " and ".join(
        f"{count} x {name}" if named or count > 1 else name for name, count in calls.items()
    )
    things = f"{items} item{'s' if items != 1 else ''}"
    what = what or "the exercise"
    options = ", ".join([f"{what} with {things}", *_options(raw.get("asked"))])
    second = ", ".join(_options(raw.get("differently")))
    return f"Called: {options}{second and f'; the second with {second}'}."


def _options(values: Mapping[str, Any] | None) -> list[str]:
    return [f"{name}={_short(value)}" for name, value in (values or {}).items()]


def _short(value: Any) -> str:
    return f"{value:g}" if type(value) in (int, float) else f"{value!r}"


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
