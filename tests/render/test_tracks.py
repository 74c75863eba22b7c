"""The course in its tracks: named above their exercises, or one line for what nobody has begun."""

from __future__ import annotations

import pytest

from grader.practice.state import Panel, State, Step
from grader.render.glance import Glance
from grader.render.invocation import Invocation
from grader.render.listing import Listed, Listing
from grader.render.watching import body
from grader.results import ExerciseResult, GradeReport, Outcome
from tests.render.drawing import draw

PASSED, NOT_STARTED = Outcome.PASSED, Outcome.NOT_STARTED
COURSE = (("ex1_a", "lesson", PASSED), ("ex2_b", "lesson", NOT_STARTED))
LATER = (("ex6_c", "debug", NOT_STARTED), ("ex7_d", "debug", NOT_STARTED))


def glance(*course: tuple[str, str, Outcome]) -> list[str]:
    """The lines of the course at a glance."""
    results = tuple(ExerciseResult(name, name, 3, outcome) for name, _, outcome in course)
    tracks = {name: track for name, track, _ in course}
    return draw(Glance(GradeReport(1, results), tracks), 80).split("\n")


def test_one_track_needs_no_name() -> None:
    """Its exercises are the course."""
    assert not any("lesson" in line.lower() for line in glance(*COURSE))


def test_a_track_that_nobody_has_begun_is_one_line() -> None:
    """Its exercises come when the first of them is begun."""
    lines = glance(*COURSE, *LATER)
    assert "Lesson  1 of 2 done" in lines
    assert "Debug  2 exercises, not started" in lines
    assert not any(line.startswith("ex6") for line in lines)
    begun = glance(*COURSE, ("ex6_c", "debug", Outcome.FAILED), *LATER[1:])
    assert "Debug  0 of 2 done" in begun
    assert sum(line.startswith(("ex6", "ex7")) for line in begun) == 2


def test_lists_show_every_exercise_under_its_track() -> None:
    """On the screen of `list` and in the list of `watch`."""
    listed = [Listed(name, name, outcome, 3, 3, track=track) for name, track, outcome in COURSE]
    later = [Listed(name, name, track=track) for name, track, _ in LATER]
    text = draw(Listing((*listed, *later), Invocation("grader", "")), 80)
    steps = tuple(Step(name, name, track=track) for name, track, _ in (*COURSE, *LATER))
    state = State(steps, "ex1_a", panel=Panel.LIST, cursor=2)
    (course,) = body(state, {})
    for screen in (text, draw(course, 80)):
        words = [line.split()[:1] for line in screen.split("\n")]
        order = [one[0] for one in words if one and one[0] in ("Lesson", "Debug")]
        assert order == ["Lesson", "Debug"]
        assert all(name[:3] in screen for name, _, _ in (*COURSE, *LATER))


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_the_bar_leaves_room_for_its_words(width: int) -> None:
    """However many exercises there are."""
    rows = tuple(Listed(f"ex{n}_x", "X", PASSED, 1, 1, hints=2) for n in range(1, 17))
    assert "16 of 16 exercises done" in draw(Listing(rows, Invocation("grader", "")), width)
