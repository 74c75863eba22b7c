"""What is seen of a class run, while it lasts and at its end."""

from __future__ import annotations

from typing import Any

import pytest

from grader.class_results import SubmissionResult
from grader.render.class_progress import ClassProgress, duration
from grader.render.class_start import ClassStart
from grader.render.class_summary import ClassSummary
from grader.results import Outcome, Why
from tests.render import samples
from tests.render.drawing import check_snapshot, draw


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def result(name: str, *outcomes: Outcome) -> SubmissionResult:
    """A submission with one exercise for each outcome."""
    return SubmissionResult(
        name, tuple(samples.exercise(n, "T", outcome) for n, outcome in enumerate(outcomes, 1))
    )


def stopped(name: str) -> SubmissionResult:
    """A submission that had to be stopped."""
    check = samples.failed(why=Why.BUSY_LOOP, line=31)
    return SubmissionResult(name, (samples.exercise(2, "T", Outcome.FAILED, check),))


def under_way() -> ClassProgress:
    """A run over 1,000, in its midst."""
    clock = Clock()
    progress = ClassProgress(clock)
    progress.began(1000, 900)
    for number in range(8):
        progress.graded(0, result(f"s{number}", Outcome.PASSED))
    progress.grading(0, "Zoë O'Neil")
    clock.now += 4
    progress.graded(1, stopped("li_wei"))
    progress.failed(1, "bert", "a worker ended with 9: \x1b[2J")
    progress.graded(2, result("c", Outcome.UNGRADED))
    progress.grading(1, "a name that is so long that no screen would have any room for it")
    return progress


def ended(**changes: Any) -> ClassSummary:
    """A run that is over, with all there may be to say."""
    known: dict[str, Any] = {
        "seed": 20260,
        "total": 1000,
        "reused": 990,
        "passing": 612,
        "took": "4 s",
        "ungraded": [("bert", "Given up after 3 tries: a worker was killed by signal 9")],
        "changed": [("Zoë", "ex2_b", Outcome.FAILED, 3, Outcome.PASSED, 12, 12)],
        "lists": [("Not used", [("notes.txt", "named like no exercise")]), ("Nothing", [])],
        "again": "nox -s grade -- class --resume --out marks",
    }
    return ClassSummary(**(known | changes))


@pytest.mark.parametrize("width", [60, 80, 120])
def test_screens(width: int) -> None:
    """They fit, and say what an instructor wants to know."""
    check_snapshot(f"class-progress-{width}", draw(under_way(), width))
    check_snapshot(f"class-summary-{width}", draw(ended(), width))


def test_screens_in_ascii() -> None:
    """Without a sign that the stream cannot show."""
    check_snapshot("class-progress-80-ascii", draw(under_way(), 80, "ascii"))
    check_snapshot("class-summary-80-ascii", draw(ended(), 80, "ascii"))


def start(**changes: Any) -> ClassStart:
    """The beginning of a run on a machine that lacks a wall."""
    known: dict[str, Any] = {
        "walls": [("Landlock", True, "ABI 7"), ("bubblewrap", False, "not installed")],
        "enough": True,
        "total": 1000,
        "pending": 10,
        "jobs": 2,
        "since": "2026-11-24",
    }
    return ClassStart(**(known | changes))


def test_the_beginning() -> None:
    """What submissions are shut into, what stands already, and what is going to be done."""
    assert draw(start(), 80).splitlines() == [
        "Isolation  Landlock (ABI 7)",
        "not here   bubblewrap (not installed)",
        "990 of 1000 as before: the verdicts of 2026-11-24 stand.",
        "Grading 10 submissions, 2 at once.",
    ]


def test_the_beginning_of_a_trusted_class() -> None:
    """It is said that nothing protects the machine, and nothing is said of a run before."""
    walls = [("Landlock", False, "no such kernel")]
    text = draw(start(walls=walls, enough=False, total=1, pending=1, jobs=1), 80)
    assert text.splitlines() == [
        "Isolation  none",
        "not here   Landlock (no such kernel)",
        "That is not enough for the code of strangers: these are trusted.",
        "Grading 1 submission.",
    ]


def test_a_calm_end() -> None:
    """When all went well, there is nothing but the count."""
    text = draw(ended(ungraded=[], changed=[], lists=[], reused=0))
    assert text.splitlines()[0].startswith("1000 submissions graded, 612 with everything")
    assert "Not" not in text
    assert "resume" not in text


def test_the_line_for_pipes() -> None:
    """How far, how good, how fast, how long."""
    line = under_way().line
    assert line == "10 of 900 graded, 8 passing, 1 not graded, 2.5 a second, about 6 min left"
    assert ClassProgress(Clock()).line == "0 of 0 graded, 0 passing"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 s"), (99, "99 s"), (100, "2 min"), (5400, "90 min"), (6600, "1 h 50 min")],
)
def test_durations(seconds: float, text: str) -> None:
    """As one would say them."""
    assert duration(seconds) == text
