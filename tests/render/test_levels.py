"""The table of service levels, at 80 columns, with and without Unicode."""

from __future__ import annotations

from rich.cells import cell_len

from grader.records import exercise_from_record, exercise_record
from grader.render.levels import Levels
from grader.results import CheckResult, ExerciseResult, Level, Outcome
from tests.render.drawing import draw


def _result() -> ExerciseResult:
    calm = (
        Level("calm", "time for 200 items", "3.436 s", "3.500 s", met=False),
        Level("calm", "calls of each item", "1", "1", met=True),
    )
    stop = (Level("stop", "returned after the stop", "within 0.307 s", "0.307 s", met=True),)
    checks = (
        CheckResult("test_calm", "CALM", 1, Outcome.FAILED, levels=calm),
        CheckResult("test_stop", "STOP", 1, Outcome.FAILED, levels=stop),
    )
    return ExerciseResult("ex16_ship_it", "Ship it", 2, Outcome.FAILED, checks)


def test_says_what_was_asked_and_reached() -> None:
    """One line a level; a check that fails although its levels are met says so."""
    lines = draw(Levels(_result())).splitlines()
    assert all(cell_len(line) <= 80 and line == line.rstrip() for line in lines)
    assert lines[3].split("  ")[0] == "calm"
    assert lines[3].endswith("✘ missed")
    assert lines[4].startswith("    ")
    assert lines[4].endswith("✔ met")
    assert "see check 2" in lines[6]


def test_needs_no_unicode() -> None:
    """The same words in ASCII."""
    text = draw(Levels(_result()), encoding="ascii")
    assert "?" not in text
    assert text.isascii()
    assert "x  missed" in text


def test_is_kept() -> None:
    """The grader's own records keep the levels."""
    assert exercise_from_record(exercise_record(_result())) == _result()
