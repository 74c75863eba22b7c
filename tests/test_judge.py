"""The judge is honest about itself, too: a fault of the grader is `ungraded`, never a zero."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from grader import judge
from grader.course.catalog import Entry, find_root, resolve
from grader.judge import grading
from grader.results import CheckResult, ExerciseResult, GradeReport, Outcome, Why

GOOD = '''"""Checks."""
from grader.course.api import *
EXERCISE = Exercise(title="Broken", teaches="nothing")
HINTS = ("one", "two", "three")

@check(hints=HINTS)
async def test_runs(learner, draw):
    """It runs."""
    await learner.run(Pipeline((Job(1),), {"consumers": 1, "maxsize": 1}))
'''

FAULTS = {
    "the checks raise": GOOD + "    raise RuntimeError('oh')\n",
    "the checks cannot be imported": "import nothing_of_that_name\n",
    "a test has no @check": GOOD + "\n\nasync def test_plain(learner):\n    pass\n",
    "there is no check": "nothing = 0\n",
    "a hint is missing": GOOD.replace('"three"', '""'),
    "no module can be called like this": GOOD.replace("maxsize", "courier"),
    "the lab cannot make such items": GOOD.replace("(Job(1),)", "(Job(1), Job(1))"),
}


def grade(entries: Sequence[Entry], folder: Path) -> GradeReport:
    """Grade with one seed."""
    return judge.grade(entries, folder, seed=1)


@pytest.fixture
def strange(tmp_path: Path) -> Entry:
    """An exercise like ex1, with checks of the test's own in a folder outside of the package."""
    right = resolve("ex1")
    return Entry(right.id, right.solution, tmp_path / "ex1_add_maxsize.py")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_grader_is_ungraded(
    fault: str, strange: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken checks leave their exercise ungraded, say why, and cost no other its verdict."""
    monkeypatch.setattr(grading, "rehearse", lambda _entry, _seed: ())
    strange.checks.write_text(FAULTS[fault])
    report = grade([strange, resolve("ex2")], find_root() / "solutions")
    broken, other = report.exercises
    assert broken.outcome is Outcome.UNGRADED
    assert broken.note
    assert broken.score == 0
    assert other.outcome is Outcome.PASSED
    assert report.ungraded
    assert not report.passed


class Ears(judge.Silent):
    """Notes what a listener hears."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def exercise_started(self, exercise: str, checks: int) -> None:
        self.heard.append(f"start {exercise} {checks > 5}")

    def check_started(self, exercise: str, title: str) -> None:
        self.heard.append("check")

    def check_ended(self, exercise: str, result: CheckResult) -> None:
        self.heard.append(result.outcome)

    def exercise_ended(self, result: ExerciseResult) -> None:
        self.heard.append(f"end {result.exercise}")


def test_a_listener_hears_it_all() -> None:
    """A live display hears of each exercise and each check, in order."""
    ears = Ears()
    judge.grade([resolve("ex1")], find_root() / "solutions", seed=3, listener=ears)
    assert ears.heard[0] == "start ex1_add_maxsize True"
    assert ears.heard[1:3] == ["check", "passed"]
    assert ears.heard[-1] == "end ex1_add_maxsize"
    assert ears.heard.count("check") == 8


def test_links_and_folders_are_no_modules(tmp_path: Path) -> None:
    """A link that leads nowhere, and a folder in the place of a module, say what they are."""
    (tmp_path / "ex1_add_maxsize.py").symlink_to(tmp_path / "nowhere.py")
    (tmp_path / "ex2_build_retry_loop.py").mkdir()
    report = grade([resolve("ex1"), resolve("ex2")], tmp_path)
    messages = [result.checks[0].message for result in report.exercises]
    assert "link" in messages[0]
    assert "not a file" in messages[1]
    assert all(result.checks[0].why is Why.IMPORT for result in report.exercises)


def test_nothing_to_grade_is_not_passed(tmp_path: Path) -> None:
    """An empty report has not passed."""
    report = grade([], tmp_path)
    assert not report.passed
    assert report.exercises == ()


def test_a_host_started_early_is_taken_over_or_closed() -> None:
    """A host of the other kind that was started early does no harm."""
    judge.start_early(fork=False)
    judge.start_early(fork=True)
    report = judge.grade([resolve("ex1")], find_root() / "solutions", seed=3)
    assert report.passed


def test_the_same_seed_gives_the_same_verdicts() -> None:
    """All but the real times repeats, with and without the warm server."""
    folder = find_root() / "exercises"
    entries = [resolve("ex2")]
    first = judge.grade(entries, folder, seed=9)
    second = judge.grade(entries, folder, seed=9, fork=False)
    assert first.exercises[0].outcome is second.exercises[0].outcome is Outcome.NOT_STARTED
