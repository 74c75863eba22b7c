"""The herd is really run: with the reference, and with whatever the learner has."""

from __future__ import annotations

import pytest

from grader.cli.herding import herd, herds
from grader.course.catalog import exercises, resolve
from grader.render.herd import Peak
from grader.results import ExerciseResult

ENTRY = resolve("ex4")


def _result(source: str) -> ExerciseResult:
    return ExerciseResult(ENTRY.id, ENTRY.title, 0, path="exercises/ex4.py", source=source)


def test_only_where_it_is_about_it() -> None:
    """One exercise has a herd."""
    assert [entry.id for entry in exercises() if herds(entry.id)] == ["ex4_add_jitter"]


def test_without_jitter_they_come_together() -> None:
    """The stub waits equally long for all: 100 come at once; the reference breaks that up."""
    shown = herd(_result(ENTRY.stub.read_text("utf-8")), 5)
    plain, yours, reference = shown.rows
    assert shown.clients == 100
    assert plain.waves == yours.waves == (Peak(100, 0.12), Peak(100, 0.27), Peak(100, 0.48))
    assert [wave.count < 90 for wave in reference.waves] == [True, True, True]
    assert sum(reference.counts.values()) == 300


BROKEN = {
    "a syntax error": ("def consumer(:\n", "SyntaxError"),
    "no consumer": ("class TransientError(Exception): pass\n", "consumer"),
    "no exception class": ("async def consumer(*a, **k): pass\n", "TransientError"),
    "it leaves": ("import os\nos._exit(3)\n", ""),
}


@pytest.mark.parametrize("what", BROKEN)
def test_code_that_cannot_run_it(what: str) -> None:
    """It says so calmly, and the reference is shown all the same."""
    source, word = BROKEN[what]
    _plain, yours, reference = herd(_result(source), 5, fork=False).rows
    assert yours.counts == {}
    assert "could not run it" in yours.summary
    assert word in yours.summary
    assert reference.peak is not None


def test_code_that_gives_up_at_once() -> None:
    """Where nobody comes back, that is what it says."""
    source = "class TransientError(Exception): pass\nasync def consumer(*a, **k): pass\n"
    assert "nobody came back" in herd(_result(source), 5).rows[1].summary
