"""Which check's timeline is shown, and what is said where there is none."""

from __future__ import annotations

from dataclasses import replace

from grader.render.timeline.scene import finding_of, no_timeline, scenario_words
from grader.render.timeline.screen import TimelineScreen
from grader.render.timeline.telling import telling_check
from grader.results import CheckResult, ExerciseResult, Observation, Outcome
from tests.render import samples as results
from tests.render.drawing import draw
from tests.render.timeline import samples


def _seen(name: str, sample: samples.Sample) -> CheckResult:
    check = results.passed(name, f"Shows {name}.")
    return replace(check, observation=Observation(sample.raw))


def _passing() -> ExerciseResult:
    checks = [_seen("test_a", samples.crowd()), _seen("test_b", samples.constant())]
    checks += [_seen("test_c", samples.long()), results.passed()]
    return results.exercise(3, "Add backoff", Outcome.PASSED, *checks)


def test_the_failure_is_shown() -> None:
    """The first check that failed tells the most."""
    result = results.wrong_backoff()
    assert telling_check(result) is result.first_failure


def test_the_most_varied_of_those_that_passed() -> None:
    """A scenario that fits on a screen, with as much in it as there is."""
    found = telling_check(_passing())
    assert found is not None
    assert found.check == "test_b"


def test_the_one_that_shows_the_lesson() -> None:
    """A check that is declared to show the lesson is shown after a pass, however little happens in it."""
    result = _passing()
    plain = next(check for check in result.checks if check.check == "test_a")
    checks = [replace(one, pictured=one is plain) for one in result.checks]
    found = telling_check(replace(result, checks=tuple(checks)))
    assert found is not None
    assert found.check == "test_a"


def test_nothing_to_show() -> None:
    """Where nothing ran no check is picked."""
    assert telling_check(results.missing()) is None


def test_what_passed_found_nothing() -> None:
    """Only a failure is a finding."""
    assert not finding_of(results.passed())
    assert not finding_of(None)
    assert finding_of(results.failed()).message == results.failed().message


def test_the_scenario_in_words() -> None:
    """What was called, with which options."""
    said = scenario_words(samples.unbounded().raw)
    assert said == "Called: run_pipeline with 10 items, consumers=2, maxsize=3."
    said = scenario_words(samples.crowd(1).raw)
    assert said == "Called: 1 x consumer with 1 item, delay=0.03, jitter=0.25."
    two = {"called": ["run_pipeline"] * 2, "differently": {"maxsize": 7}}
    said = scenario_words(samples.unbounded().raw | two)
    assert said == (
        "Called: 2 x run_pipeline with 10 items, consumers=2, maxsize=3; the second with maxsize=7."
    )


def test_why_there_is_none() -> None:
    """Each reason has a sentence of its own."""
    broken = results.syntax_error()
    assert "SyntaxError: invalid syntax" in no_timeline(broken, broken.first_failure)
    assert "there is no file" in no_timeline(results.missing(), None)
    assert "could not judge" in no_timeline(results.ungraded(), None)
    waiting = results.not_run("Waits.")
    assert "it builds on" in no_timeline(results.wrong_backoff(), waiting)
    assert "nothing ran" in no_timeline(results.wrong_backoff(), None)


def test_the_screen_of_a_failure() -> None:
    """The check, what it said, the timeline and the ruler below each other."""
    text = " ".join(draw(TimelineScreen(results.wrong_backoff())).split())
    for words in ("ex3", "does not grow", "C1", "too short", "the window asked"):
        assert words in text


def test_the_screen_of_a_stub() -> None:
    """A stub that was run says that it is one."""
    stub = results.exercise(1, "Add maxsize", Outcome.NOT_STARTED, _seen("test_a", samples.long()))
    text = draw(TimelineScreen(stub))
    assert "is as it came. This is what it" in text
    assert "Shown: 0.000" in text


def test_the_screen_without_a_timeline() -> None:
    """It says calmly why there is none."""
    assert "There is no timeline" in draw(TimelineScreen(results.syntax_error()))
    assert "There is no timeline: there is no file" in draw(TimelineScreen(results.missing()))
    stub = " ".join(draw(TimelineScreen(results.not_started())).split())
    assert "is as it came, and was not run" in stub
    assert "what it does" not in stub
