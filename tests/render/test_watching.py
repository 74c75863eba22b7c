"""The screens of `watch`, as they are seen: at three widths, in Unicode and in ASCII."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.console import Group

from grader.practice.events import Progress
from grader.practice.state import Filter, Panel, State, Step
from grader.render.frame import Header, KeyLine, Legend, Said, Status
from grader.render.watching import Hints, body
from grader.results import ExerciseResult, Outcome
from tests.render import samples
from tests.render.drawing import check_snapshot, draw

NAMES = ("ex1_add_maxsize", "ex2_build_retry_loop", "ex3_add_backoff")


def _course(*outcomes: Outcome | None) -> tuple[Step, ...]:
    titles = ("Add maxsize", "Build the retry loop", "Add backoff")
    return tuple(
        Step(name, title, outcome, 10 if outcome is Outcome.PASSED else 0, 10 if outcome else 0)
        for name, title, outcome in zip(NAMES, titles, outcomes, strict=True)
    )


COURSE = _course(Outcome.PASSED, Outcome.FAILED, None)


def _judged(result: ExerciseResult, **changes: object) -> State:
    """A verdict on the second exercise."""
    result = replace(result, exercise=NAMES[1])
    state = State(COURSE, NAMES[1], result=result, at="10:42:07", page=20, lines=20)
    return replace(state, **changes)  # type: ignore[arg-type]  # fields by their names


def _screen(state: State) -> Group:
    """All of it, one below the other."""
    return Group(
        Header(state),
        "",
        *body(state, {Panel.TIMELINE: "A timeline."}),
        "",
        Status(state),
        KeyLine(state),
    )


FAILED = _judged(samples.wrong_backoff(), hints=2)
STATES = {
    "failed": FAILED,
    "better": _judged(
        samples.wrong_backoff(),
        hints=1,
        alike=5,
        mended=samples.wrong_backoff().checks[4:5],
    ),
    "passed": _judged(samples.done(), course=_course(Outcome.PASSED, Outcome.PASSED, None)),
    "all-done": _judged(samples.done(), course=_course(*[Outcome.PASSED] * 3)),
    "not-started": _judged(samples.not_started(), hints=1),
    "welcome": _judged(samples.untouched(), welcome=True),
    "list": _judged(samples.wrong_backoff(), panel=Panel.LIST, cursor=1),
    "help": _judged(samples.wrong_backoff(), panel=Panel.HELP),
    "scrolled": _judged(
        samples.wrong_backoff(), scroll=7, page=9, lines=40, says="Nothing was changed."
    ),
}


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("name", STATES)
def test_screens(name: str, width: int) -> None:
    """Each screen as it was looked at and found good."""
    text = draw(_screen(STATES[name]), width)
    assert max(map(len, text.splitlines())) <= width
    check_snapshot(f"watch-{name}-{width}", text)


@pytest.mark.parametrize("name", ["failed", "passed", "list", "welcome"])
def test_ascii(name: str) -> None:
    """The same without a sign that an old terminal lacks."""
    text = draw(_screen(STATES[name]), 80, "ascii")
    assert "?" not in text.replace("? help", "")
    check_snapshot(f"watch-{name}-ascii", text)


@pytest.mark.parametrize(
    ("state", "line"),
    [
        (State(COURSE, NAMES[1]), "no verdict: it was not graded yet"),
        (State(COURSE, NAMES[1], running=NAMES[1:2]), "… grading"),
        (replace(FAILED, running=NAMES[1:2]), "✘ not yet: "),
        (
            replace(FAILED, running=NAMES[1:2], ticks=1, progress=Progress(NAMES[1], "It.", 2, 6)),
            "… grading: check 3 of 6",
        ),
        (
            replace(FAILED, running=NAMES, ticks=1, progress=Progress(NAMES[0], "It.", 2, 16)),
            "… grading: ex1, check 3 of 16",
        ),
        (replace(FAILED, trouble="Broken."), "! not graded"),
        (_judged(samples.missing()), "? no file  (graded 10:42:07)"),
        (_judged(samples.ungraded()), "! not graded  (graded 10:42:07)"),
    ],
)
def test_the_verdict(state: State, line: str) -> None:
    """The second line says how it is, or that it is being found out."""
    assert draw(Header(state)).splitlines()[1].startswith(line)


@pytest.mark.parametrize(
    ("width", "end"), [(60, "seed 20260)"), (58, "(graded 10:42:07)"), (30, "pass"), (10, "")]
)
def test_a_narrow_verdict(width: int, end: str) -> None:
    """What does not fit is left out as a whole: half a seed would be a wrong one."""
    assert draw(Header(FAILED), width).splitlines()[1].endswith(end)


def test_a_run_that_lasts() -> None:
    """After a while it is said what that may mean, and what to do."""
    assert "a save starts over at once" in draw(Said(replace(FAILED, running=NAMES[1:2], ticks=8)))
    assert draw(Said(FAILED)) == ""


def test_trouble() -> None:
    """It stands for the report, with the way on; no old verdict beside it."""
    text = draw(Group(*body(replace(FAILED, trouble="Broken."), {})))
    assert text.splitlines() == [" Broken.", " Save the file again to have another try."]


def test_no_file() -> None:
    """A key puts the stub back."""
    assert "x has the stub put back" in draw(Group(*body(_judged(samples.missing()), {})))


def test_what_a_learner_wrote_is_harmless() -> None:
    """A file's name in a notice moves no cursor."""
    assert "\x1b" not in draw(Said(replace(FAILED, says="\x1b[2Jhello")))


def test_the_question() -> None:
    """It is asked before anything is put back, with its two answers as keys."""
    asking = replace(FAILED, asking=True)
    assert "Put ex2 back as it came?" in draw(Status(asking))
    assert draw(KeyLine(asking)) == "y yes  n no\n"


@pytest.mark.parametrize(
    ("state", "keys"),
    [
        (FAILED, "n skip  h hint  l list  t timeline  m more  ? help  q quit"),
        (STATES["passed"], "n next  l list  s solution  t timeline  ? help  q quit"),
        (replace(FAILED, panel=Panel.TIMELINE), "j k scroll  Esc back  n next  q quit"),
    ],
)
def test_keys_on_a_narrow_screen(state: State, keys: str) -> None:
    """As many as fit on the line, and those always that lead to all others."""
    assert draw(KeyLine(state), 60) == f"{keys}\n"
    assert draw(KeyLine(state), 24).split("  ")[0] in ("n skip", "n next", "Esc back")
    assert len(draw(KeyLine(state), 8).rstrip("\n")) <= 8


def test_lists() -> None:
    """A list says what it shows, also when that is nothing."""
    done = replace(STATES["list"], shown=Filter.DONE, cursor=0)
    assert ">  ex1" in draw(Group(*body(done, {})))
    none = replace(done, course=_course(None, None, None))
    assert draw(Group(*body(none, {}))).splitlines() == ["Exercises: those done", "", "None."]


def test_the_whole_course() -> None:
    """`c` shows a row for each exercise, and the seed that they were judged with."""
    results = (replace(samples.done(), seed=42), samples.wrong_backoff())
    text = draw(Group(*body(replace(FAILED, panel=Panel.ALL, all_results=results), {})))
    assert "seed 42" in text
    assert text.count("\nex") == 2
    empty = draw(Group(*body(replace(FAILED, panel=Panel.ALL), {})))
    assert "0 of 0 points" in empty


def test_panels_of_others() -> None:
    """What another module draws stands in the place of the report."""
    assert "A timeline." in draw(_screen(replace(FAILED, panel=Panel.TIMELINE)))


def test_every_hint_again() -> None:
    """It is said when there are no more."""
    check = samples.wrong_backoff().first_failure
    assert check is not None
    text = draw(Hints(check, len(check.hints), again=True))
    assert "You have had every hint for this." in text
    assert draw(Hints(check, 0)) == ""


def test_the_legend() -> None:
    """Lines are explained with every key."""
    text = draw(Legend(FAILED))
    assert all(word in text for word in ("n next", "x reset", "q quit", "and Enter"))
