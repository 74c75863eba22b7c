"""Who is told of a class run: a display on a terminal, else a few lines."""

from __future__ import annotations

import io
import sys

import pytest

from grader.class_results import SubmissionResult
from grader.cli.class_live import LINES, watching
from grader.render.class_progress import ClassProgress
from grader.results import Outcome
from tests.render import samples


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def grade(count: int) -> None:
    """Tell of so many submissions."""
    one = SubmissionResult("anna", (samples.exercise(1, "T", Outcome.PASSED),))
    with watching() as audience:
        audience.began(count, count)
        for _ in range(count):
            audience.grading(0, "anna")
            audience.graded(0, one)


@pytest.mark.parametrize("count", [1, 7, 10, 1000])
def test_a_few_lines_whatever_the_class(count: int, capsys: pytest.CaptureFixture[str]) -> None:
    """One for each tenth; the last one is there in any case."""
    grade(count)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == min(count, LINES)
    assert lines[-1].startswith(f"{count} of {count} graded, {count} passing")


def test_what_is_graded_elsewhere_counts(capsys: pytest.CaptureFixture[str]) -> None:
    """Before its verdicts are here, which is said, and never twice."""
    one = SubmissionResult("anna", (samples.exercise(1, "T", Outcome.PASSED),))
    with watching() as audience:
        audience.began(4, 4)
        audience.grading(0, "4 on node7")
        for done in (1, 2, 4):
            audience.advanced(0, done)
        for _ in range(4):
            audience.graded(0, one)
    first, *_, last = lines = capsys.readouterr().out.splitlines()
    assert first.startswith("1 of 4 graded, 1 not here yet, 0 passing")
    assert last.startswith("4 of 4 graded, 4 passing")
    assert [line.split()[0] for line in lines] == ["1", "2", "3", "4"]


def test_a_display_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """It shows who is being graded, and is wiped away at the end."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with watching() as audience:
        assert type(audience) is ClassProgress
        audience.began(3, 3)
        audience.grading(0, "anna")
    assert "anna" in terminal.getvalue()
    assert terminal.getvalue().endswith("\x1b[2K")


def test_a_dumb_terminal_gets_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It could not wipe anything away."""
    monkeypatch.setenv("TERM", "dumb")
    grade(2)
    assert "\x1b" not in capsys.readouterr().out
