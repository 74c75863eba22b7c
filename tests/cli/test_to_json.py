"""The JSON of `grade --json`: the documented keys, in the documented order."""

from __future__ import annotations

import json
from dataclasses import replace

from grader.export.to_json import to_json
from grader.results import Outcome
from tests.render import samples

REPORT = ["schema", "seed", "score", "max_score", "passed", "exercises"]
EXERCISE = ["exercise", "title", "outcome", "score", "max_score", "wall_ms", "checks"]
CHECK = [
    "check",
    "title",
    "outcome",
    "why",
    "score",
    "max_score",
    "message",
    "misconception",
    "hint",
    "line",
    "wall_ms",
]


def test_keys() -> None:
    """Other programs find what the documentation promises, in its order."""
    data = json.loads(to_json(samples.report(samples.done(), samples.wrong_backoff())))
    assert list(data) == REPORT
    assert all(list(exercise) == EXERCISE for exercise in data["exercises"])
    checks = [check for exercise in data["exercises"] for check in exercise["checks"]]
    assert all([key for key in check if key != "subgoal"] == CHECK for check in checks)


def test_values() -> None:
    """A failed check says why; one that passed or was not run has no hint."""
    data = json.loads(to_json(samples.report(samples.wrong_backoff())))
    passed, failed, not_run = data["exercises"][0]["checks"][:3]
    assert (data["schema"], data["passed"], data["score"]) == (1, False, 1)
    assert (passed["why"], passed["hint"], passed["score"]) == (None, None, 1)
    assert (failed["why"], failed["hint"]) == ("expectation", samples.HINTS[0])
    assert (failed["line"], failed["misconception"]) == (12, "constant-delay")
    assert (not_run["outcome"], not_run["why"], not_run["hint"]) == ("not_run", "dependency", None)


def test_subgoals() -> None:
    """A check says what it stands under, where its exercise has declared that."""
    data = json.loads(to_json(samples.report(samples.done(), samples.wrong_backoff())))
    done, wrong = (exercise["checks"] for exercise in data["exercises"])
    assert "subgoal" not in done[0]
    assert [check["subgoal"] for check in wrong[:2]] == ["Keep the item", "Wait longer each time"]


def test_every_outcome_is_written() -> None:
    """Outcomes are written by their names."""
    results = [replace(samples.done(), outcome=outcome) for outcome in Outcome]
    data = json.loads(to_json(samples.report(*results)))
    assert [one["outcome"] for one in data["exercises"]] == [outcome.value for outcome in Outcome]


def test_is_ascii() -> None:
    """Whatever a learner's code says, any stream can take the JSON."""
    result = samples.exercise(1, "Ü", Outcome.FAILED, samples.failed(message="é\ud800\x1b[2J"))
    text = to_json(samples.report(result))
    assert text.isascii()
    assert text.count("\n") == 1
    assert "\x1b" not in text
