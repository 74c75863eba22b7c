"""A default that is not the signature's is found, and named as what it is; nothing else is named so.

A sample: two parameters of each exercise; `nox -s proofs` tries them all.
"""

from __future__ import annotations

import os
import random
import re

import pytest

from grader.results import ExerciseResult, Outcome
from tests.corpus import EXERCISES
from tests.grading import grade_each, grade_sources
from tests.mutants.making import CONTRACT, solution

CHANGED = {
    "consumers": "2",
    "maxsize": "10",
    "attempts": "5",
    "delay": "0.05",
    "backoff": "3.0",
    "jitter": "0.1",
}
ALL = os.environ.get("GRADER_DEFAULTS") == "all"
SAMPLE = 2  # of each exercise


def _with_default(source: str, function: str, name: str, value: str) -> str:
    """The module with another default for one parameter of one function."""
    head, start, rest = source.partition(f"async def {function}(")
    assert start
    changed, count = re.subn(rf"(\b{name}: \w+ = )[\d.]+", rf"\g<1>{value}", rest, count=1)
    assert count
    return head + start + changed


def _cases() -> list[tuple[str, str, str, str]]:
    draw, cases = random.Random(1), []
    for exercise in EXERCISES:
        found = []
        for function in CONTRACT.get(exercise, ()):
            _, _, rest = solution(exercise).partition(f"async def {function}(")
            signature = rest.partition("->")[0]
            for name, value in CHANGED.items():
                if re.search(rf"\b{name}: \w+ = (?!{re.escape(value)}\b)", signature):
                    found.append((exercise, function, name, value))
        cases += found if ALL else draw.sample(found, min(SAMPLE, len(found)))
    return cases


@pytest.mark.proof
def test_another_default_is_named(subtests: pytest.Subtests) -> None:
    """Whatever the parameter and the function: the first finding says which default is another."""
    cases = _cases()
    named = {name for _, _, name, _ in cases}
    assert named >= {name for name in CHANGED if name in "".join(map(solution, EXERCISES))}
    sources = [
        (exercise, _with_default(solution(exercise), *change)) for exercise, *change in cases
    ]
    results = grade_each(sources)
    for case, (_, source), result in zip(cases, sources, results, strict=True):
        with subtests.test(" ".join(case)):
            _named(case[2], source, result)


def _named(name: str, source: str, result: ExerciseResult) -> None:
    failure = result.first_failure
    assert result.outcome is Outcome.FAILED
    assert failure is not None
    if name != "attempts":  # its default was in use before: the tries are counted everywhere
        assert failure.misconception == "default-changed", failure
        assert f"{name}=" in failure.message
        assert failure.line is not None
        assert f"{name}: " in source.splitlines()[failure.line - 1]


def test_a_default_that_is_as_fixed_is_not_the_reason() -> None:
    """What goes wrong with the defaults alone, where they stand as they should, is told as what it is."""
    right = solution("ex3_add_backoff")
    pause = "pause = delay * backoff ** (attempt - 1)"
    assert pause in right
    wrong = right.replace(pause, pause.replace("delay *", "(delay if delay != 0.03 else 0.04) *"))
    failure = grade_sources({"ex3_add_backoff": wrong})["ex3_add_backoff"].first_failure
    assert failure is not None
    assert failure.misconception != "default-changed"
    assert "defaults" not in failure.message
