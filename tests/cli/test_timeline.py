"""`timeline`: what happened in a check's scenario, on the screen and in files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader.cli import herding
from grader.render.herd import Arrivals, Herd
from grader.results import ExerciseResult, Observation, Outcome
from tests.cli.conftest import Judge, Run, result_of
from tests.render.timeline import samples


def _with_trace(exercise: str, outcome: Outcome = Outcome.FAILED) -> ExerciseResult:
    """A result with two checks: `test_it` with the trace of a forgotten call, then `test_other`."""
    result = result_of(exercise, outcome)
    sample = samples.forgotten()
    failed = outcome is not Outcome.PASSED
    first = replace(
        result.checks[0],
        outcome=Outcome.FAILED if failed else Outcome.PASSED,
        message=sample.finding.message if failed else "",
        misconception=sample.said.code if sample.said is not None else None,
        sights=sample.finding.sights,
        observation=Observation(sample.raw),
    )
    waiting = Observation(samples.waiting().raw)
    other = replace(
        first,
        check="test_other",
        title="Does another thing.",
        outcome=Outcome.PASSED,
        message="",
        observation=waiting,
    )
    return replace(result, checks=(first, other))


@pytest.fixture
def judged(fake: Judge) -> Judge:
    """A judge whose failures can be drawn."""
    fake.judging = lambda exercise, _seed: _with_trace(exercise)
    return fake


def test_draws_what_failed(run: Run, judged: Judge) -> None:
    """The scenario of the failing check, with what went wrong in it."""
    ran = run("timeline", "ex2")
    assert ran.code == 0
    assert "gave up on item 7 · task_done() missing → join() waits for 1" in " ".join(
        ran.out.split()
    )
    assert "The pause before each retry" in ran.out
    assert judged.stubs is True


def test_keeps_the_seed_of_a_failure(run: Run, judged: Judge) -> None:
    """As `grade` does: what is drawn is what failed, until it passes."""
    run("timeline", "ex2", "--seed", "7")
    run("timeline", "ex2")
    run("ex2")
    assert [seed for _names, seed in judged.asked] == [7, 7, 7]
    assert judged.stubs is False


@pytest.mark.parametrize("wanted", ["2", "test_other", "other", "another thing"])
def test_draws_the_check_that_is_named(wanted: str, run: Run, judged: Judge) -> None:
    """By its number, its name, or a part of its name or title."""
    ran = run("timeline", "ex2", wanted)
    assert "Does another thing." in ran.out
    assert "waits for room" in ran.out
    assert judged.asked


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("9", "There is no check '9' in ex2_second_wind. There are: 1 test_it, 2 test_other."),
        ("do", "'do' may be any of test_it, test_other. Say which."),
    ],
)
def test_a_check_that_is_not_there(wanted: str, words: str, run: Run, judged: Judge) -> None:
    """It says which ones there are."""
    ran = run("timeline", "ex2", wanted)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
    assert judged.asked


def test_a_stub(run: Run, fake: Judge) -> None:
    """An untouched stub is run all the same, and said to be one."""
    fake.judging = lambda exercise, _seed: _with_trace(exercise, Outcome.NOT_STARTED)
    ran = run("timeline", "ex1")
    assert "This is what it does" in " ".join(ran.out.split())
    assert "gave up on item 7" in ran.out
    assert "not started" in run("list").out


def test_what_passes(run: Run, fake: Judge) -> None:
    """A passing exercise has a timeline, too."""
    fake.judging = lambda exercise, _seed: _with_trace(exercise, Outcome.PASSED)
    assert run("timeline", "ex1").code == 0


@pytest.mark.parametrize(
    ("outcome", "code", "words"),
    [
        (Outcome.MISSING, 0, "there is no file"),
        (Outcome.UNGRADED, 3, "the grader could not judge"),
        (Outcome.FAILED, 0, "It was not done. Mend that first."),
    ],
)
def test_nothing_to_draw(outcome: Outcome, code: int, words: str, run: Run, fake: Judge) -> None:
    """Where nothing ran it says why, and writes no file."""
    fake.outcomes = {1: outcome}
    ran = run("timeline", "ex1")
    assert ran.code == code
    assert words in " ".join(ran.out.split())
    ran = run("timeline", "ex1", "--svg", "x.svg")
    assert ran.code == 2
    assert "Nothing was written." in ran.err
    assert not Path("x.svg").exists()


def test_writes_files(run: Run, judged: Judge, tmp_path: Path) -> None:
    """The picture and the page are written whole, and it says so on standard error."""
    svg, html = tmp_path / "a.svg", tmp_path / "a.html"
    ran = run("timeline", "ex2", "--svg", str(svg), "--html", str(html))
    assert ran.code == 0
    assert f"Written: {svg}" in ran.err
    assert svg.read_text("utf-8").startswith("<svg")
    assert svg.read_text("utf-8") in html.read_text("utf-8")
    only = tmp_path / "b.svg"
    run("timeline", "ex2", "--svg", str(only))
    assert only.exists()
    assert judged.asked


def test_a_file_that_cannot_be_written(run: Run, judged: Judge, tmp_path: Path) -> None:
    """It says so in a line."""
    ran = run("timeline", "ex2", "--svg", str(tmp_path / "no" / "a.svg"))
    assert ran.code == 2
    assert "cannot be written" in ran.err
    assert judged.asked


def test_the_herd_is_below(
    run: Run, judged: Judge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exercise that is about it has the herd, also in the picture."""
    shown = Herd(100, (Arrivals("yours", {24: 100}),))
    monkeypatch.setattr(herding, "herds", lambda _exercise: True)
    monkeypatch.setattr(
        herding, "herd", lambda _result, _seed, *, fork, **_: shown if fork else None
    )
    svg = tmp_path / "a.svg"
    ran = run("timeline", "ex2", "--svg", str(svg))
    assert "The herd: 100 clients fail" in ran.out
    assert "The herd: 100 clients fail" in svg.read_text("utf-8")
    assert judged.asked


def test_as_wide_as_there_is_room(run: Run, judged: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    """A timeline uses up to 200 columns; text stays narrow enough to read."""
    monkeypatch.setenv("COLUMNS", "180")
    lines = run("timeline", "ex2").out.split("\n")
    assert max(map(len, lines)) > 150
    assert max(len(line) for line in lines if "waits for 1" in line) <= 100
    assert judged.asked


def test_a_dumb_terminal(run: Run, judged: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where only ASCII can be shown, only ASCII is."""
    monkeypatch.setenv("TERM", "dumb")
    out = run("timeline", "ex2").out
    assert out.isascii()
    assert "7:2##" in out
    assert judged.asked
