"""A call without its parentheses is named as that, whatever comes of it."""

from __future__ import annotations

import pytest

from grader.course.catalog import find_root
from grader.results import Outcome
from tests.grading import grade_sources


@pytest.mark.parametrize(
    ("exercise", "call", "bare"),
    [
        ("ex1_add_maxsize", "await q.join()", "q.join"),
        ("ex1_add_maxsize", "task.cancel()", "task.cancel"),
        ("ex3_add_backoff", "await asyncio.sleep(pause)", "asyncio.sleep"),
        ("ex5_fix_task_done", "q.task_done()", "q.task_done"),
        ("ex6_find_the_leak", "await archive.all_stored()", "archive.all_stored"),
    ],
)
def test_a_call_without_its_parentheses(exercise: str, call: str, bare: str) -> None:
    """Of a queue, a task, asyncio or one's own: the message says so, and shows its line."""
    source = (find_root() / "solutions" / f"{exercise}.py").read_text(encoding="utf-8")
    wrong = source.replace(call, bare)
    number = 1 + [line.partition("#")[0].strip() for line in wrong.splitlines()].index(bare)
    failed = grade_sources({exercise: wrong})[exercise].first_failure
    assert failed is not None
    assert failed.outcome is Outcome.FAILED
    assert failed.line == number
    assert f"`{bare}` has no parentheses (line {number})" in failed.message


def test_an_awaited_function_without_its_parentheses() -> None:
    """Python's own error speaks of an object; the message speaks of what is missing."""
    exercise = "ex3_add_backoff"
    source = (find_root() / "solutions" / f"{exercise}.py").read_text(encoding="utf-8")
    wrong = source.replace("await asyncio.sleep(pause)", "await asyncio.sleep")
    failed = grade_sources({exercise: wrong})[exercise].first_failure
    assert failed is not None
    assert "its parentheses are missing" in failed.message
