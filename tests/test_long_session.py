"""One pytest session for many submissions, each judged as in a session of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from grader.course.catalog import Entry, exercises
from grader.errors import GraderFault
from grader.judge import Module, grade_modules
from grader.judge.long_session import RunChecks, keep_open
from grader.results import ExerciseResult, Outcome
from grader.runner.hosts import open_host

SEED = 5


def graded(entries: list[Entry], *batches: list[Module]) -> list[tuple[ExerciseResult, ...]]:
    """Grade one batch after the other in one session."""
    found: list[tuple[ExerciseResult, ...]] = []
    host = open_host(fork=True)

    def examine(run: RunChecks, _faults: Mapping[str, str]) -> None:
        found.extend(
            grade_modules(batch, host, seed=SEED, run_checks=run).exercises for batch in batches
        )

    try:
        keep_open(entries, examine)
    finally:
        host.close()
    return found


def module(entry: Entry, text: str = "") -> Module:
    """A module; the reference, when nothing else is said."""
    return Module(entry, f"{entry.id}.py", text.encode() or entry.solution.read_bytes())


def test_batches_of_all_kinds() -> None:
    """The same exercise again, another one, none that is judged, and the first once more."""
    first, second, *_ = exercises()
    missing = Module(first, "ex1.py")
    again, wrong, nothing, last = graded(
        list(exercises()),
        [module(first), module(second)],
        [module(second, "def consumer(): pass\n")],
        [missing],
        [module(first)],
    )
    assert [one.outcome for one in again] == [Outcome.PASSED] * 2
    assert [one.outcome for one in wrong] == [Outcome.FAILED]
    assert [one.outcome for one in nothing] == [Outcome.MISSING]
    assert nothing[0].max_score == last[0].max_score == last[0].score


def test_broken_checks_cost_their_own_exercise_only(tmp_path: Path) -> None:
    """It is ungraded, with the reason; the other one has its verdict."""
    first, second, *_ = exercises()
    checks = tmp_path / f"{first.id}.py"
    checks.write_text("import nothing_of_that_name\n", encoding="utf-8")
    broken = replace(first, checks=checks)
    ((one, other),) = graded([broken, second], [module(broken), module(second)])
    assert one.outcome is Outcome.UNGRADED
    assert "nothing_of_that_name" in one.note
    assert other.outcome is Outcome.PASSED


def test_whatever_the_examiner_raises_comes_out() -> None:
    """An error is not swallowed by pytest, and Ctrl-C ends the session."""

    def examine(_run: RunChecks, _faults: Mapping[str, str]) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keep_open([exercises()[0]], examine)


def test_a_session_that_never_sits(monkeypatch: pytest.MonkeyPatch) -> None:
    """When pytest itself fails, that is the grader's fault, and is said."""
    monkeypatch.setattr("grader.judge.long_session.run_pytest", lambda _plugin: "pytest failed: oh")
    with pytest.raises(GraderFault, match="pytest failed: oh"):
        keep_open([exercises()[0]], lambda _run, _faults: None)
