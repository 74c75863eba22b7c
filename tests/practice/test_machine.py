"""What follows from what happens, without a terminal, a process or a clock."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.practice import machine
from grader.practice.events import (
    Advanced,
    Cancel,
    Changing,
    Climb,
    Edit,
    EditorClosed,
    Effect,
    Event,
    Fitted,
    Grade,
    Graded,
    Hinted,
    Noticed,
    Outdated,
    Pressed,
    Progress,
    Quit,
    Reset,
    Resized,
    Saved,
    Suspend,
    TakeBack,
    Ticked,
    Troubled,
)
from grader.practice.runs import MOST_OUTDATED
from grader.practice.state import Filter, Panel, State
from grader.results import Outcome
from tests.practice.verdicts import COURSE, verdict

EX1, EX2, EX3 = (entry.exercise for entry in COURSE)
ALL = (EX1, EX2, EX3)


def play(state: State, *events: Event | str) -> tuple[State, list[Effect]]:
    """The state after all events, and all effects on the way; a string is a key."""
    effects: list[Effect] = []
    for event in events:
        state, more = machine.step(state, Pressed(event) if isinstance(event, str) else event)
        effects += more
    return state, effects


def begun() -> State:
    """The first exercise is being graded."""
    return machine.begin(COURSE, EX1)[0]


def judged(outcome: Outcome = Outcome.FAILED) -> State:
    """The first exercise has its verdict, on a screen of ten lines."""
    return play(begun(), Graded(1, (verdict(EX1, outcome),), "12:00:00"), Fitted(10, 30))[0]


# -- runs ------------------------------------------------------------------------------------------


def test_it_begins_with_a_run() -> None:
    """The exercise to begin with is graded before anything happens."""
    state, effects = machine.begin(COURSE, EX2)
    assert effects == (Grade(1, (EX2,)),)
    assert (state.current, state.running, state.result) == (EX2, (EX2,), None)


def test_a_verdict() -> None:
    """It is shown with its time and one hint, which counts as given; the course is brought up."""
    state, effects = play(begun(), Graded(1, (verdict(EX1),), "12:00:00"))
    assert effects == [Climb(EX1, "test_it", 3)]
    assert (state.at, state.hints, state.running) == ("12:00:00", 1, ())
    assert (state.step.outcome, state.step.score, state.done) == (Outcome.FAILED, 1, 0)


def test_a_save_starts_over() -> None:
    """What changes while it is graded is cancelled, and graded when it has been saved."""
    state, effects = play(begun(), Changing((EX1,)), Saved((EX1,)))
    assert effects == [Cancel(), Grade(2, (EX1,))]
    late, _ = play(state, Graded(1, (verdict(EX1, Outcome.PASSED),)), Advanced(1, _progress()))
    assert late == state


def test_a_change_elsewhere_cancels_nothing() -> None:
    """A run goes on while another file is written."""
    assert play(begun(), Changing((EX2,)))[1] == []
    assert play(judged(), Changing((EX1,)))[1] == []


@pytest.mark.parametrize(
    ("saved", "exercise"), [((EX3,), EX3), ((EX3, EX1), EX1), ((EX2, EX3), EX2)]
)
def test_what_was_saved_is_what_one_works_on(saved: tuple[str, ...], exercise: str) -> None:
    """Another exercise's save turns to it; of many it is the current one that counts."""
    state, effects = play(judged(), Saved(saved))
    assert (state.current, effects) == (exercise, [Grade(2, (exercise,))])
    assert (state.result is None) == (exercise != EX1)


def test_verdicts_on_half_a_file() -> None:
    """A verdict on another version is not shown: the run starts over, but not for ever."""
    state, effects = begun(), []
    for _ in range(MOST_OUTDATED):
        state, more = play(state, Outdated(state.run))
        effects += more
    assert effects == [Grade(run, (EX1,)) for run in range(2, 2 + MOST_OUTDATED)]
    state, more = play(state, Outdated(state.run))
    assert (more, state.running) == ([], ())
    assert "something writes to it" in state.trouble
    assert play(state, Saved((EX1,)))[0].trouble == ""


def test_trouble() -> None:
    """A fault of the grader is shown until the next run; of an old run it is nobody's."""
    state, _ = play(begun(), Troubled(1, "Broken."))
    assert (state.trouble, state.running) == ("Broken.", ())
    assert play(state, Troubled(1, "Again."))[0] == state


def test_progress_and_time() -> None:
    """How far a run is, and how long it has lasted, is known while it lasts."""
    state, _ = play(begun(), Advanced(1, _progress()), Ticked(), Ticked())
    assert (state.progress, state.ticks) == (_progress(), 2)
    state, _ = play(state, Graded(1, (verdict(EX1),)), Ticked())
    assert (state.progress, state.ticks) == (None, 0)


def _progress() -> Progress:
    return Progress(EX1, "Starts.", 0, 2)


def test_a_fault_is_no_progress() -> None:
    """An exercise that could not be graded is as far as it was."""
    state, _ = play(judged(), Saved((EX1,)), Graded(2, (verdict(EX1, Outcome.UNGRADED),)))
    assert state.step.outcome is Outcome.FAILED


# -- on and back -----------------------------------------------------------------------------------


def test_after_a_pass() -> None:
    """It stays to look back; `n` goes on past what is done, and through all of it when all is."""
    state = judged(Outcome.PASSED)
    assert (state.current, state.done, state.passed) == (EX1, 1, True)
    state, effects = play(state, "n", Graded(2, (verdict(EX2, Outcome.PASSED),)), "n")
    assert effects == [Grade(2, (EX2,)), Grade(3, (EX3,))]
    state, effects = play(state, Graded(3, (verdict(EX3, Outcome.PASSED),)), "n")
    assert (state.current, effects) == (EX1, [Grade(4, (EX1,))])


def test_skipping() -> None:
    """`n` leaves what does not pass, also while it is graded, and comes round to it again."""
    state, effects = play(begun(), "n", "n", "n")
    assert effects == [Grade(2, (EX2,)), Grade(3, (EX3,)), Grade(4, (EX1,))]
    alone = replace(state, course=tuple(replace(e, outcome=Outcome.PASSED) for e in COURSE[1:]))
    alone = replace(alone, course=(COURSE[0], *alone.course))
    assert play(alone, "n")[0].says == "This is the only one that is left."


def test_check_all() -> None:
    """`c` grades everything and shows how far each is; a save turns back to the report."""
    results = (verdict(EX1), verdict(EX2, Outcome.PASSED), verdict(EX3, Outcome.NOT_STARTED))
    state, effects = play(judged(), "c", Graded(2, results))
    assert effects[0] == Grade(2, ALL)
    assert (state.panel, state.all_results, state.done) == (Panel.ALL, results, 1)
    state, _ = play(state, Saved((EX1,)), Graded(3, (verdict(EX1),)))
    assert state.panel is Panel.REPORT


@pytest.mark.parametrize(
    ("key", "panel"),
    [
        ("t", Panel.TIMELINE),
        ("s", Panel.SOLUTION),
        ("m", Panel.LESSON),
        ("?", Panel.HELP),
    ],
)
def test_panels(key: str, panel: Panel) -> None:
    """A key turns to its panel; the same key and Escape turn back; a verdict does not."""
    state, _ = play(judged(), key)
    assert state.panel is panel
    assert play(state, key)[0].panel is Panel.REPORT
    assert play(state, "esc")[0].panel is Panel.REPORT
    assert play(state, Saved((EX1,)), Graded(2, (verdict(EX1),)))[0].panel is panel


# -- hints -----------------------------------------------------------------------------------------


def test_one_hint_more() -> None:
    """`h` asks for one more, and what comes is scrolled to."""
    state, effects = play(judged(), "h")
    assert effects == [Climb(EX1, "test_it", 3, after=1)]
    state, _ = play(state, Hinted(2), Fitted(10, 30, hints_end=14))
    assert (state.hints, state.scroll) == (2, 4)
    assert play(state, "k", Fitted(10, 30, hints_end=14))[0].scroll == 3


def test_hints_stay_while_the_mistake_does() -> None:
    """The same failure keeps its hints in view, another one begins anew."""
    state, _ = play(judged(), Hinted(3, again=True))
    same, _ = play(state, Saved((EX1,)), Graded(2, (verdict(EX1),)))
    assert (same.hints, same.again) == (3, False)
    other, _ = play(state, Saved((EX1,)), Graded(2, (verdict(EX1, check="test_other"),)))
    assert other.hints == 1


def test_what_became_right() -> None:
    """A check that failed in the verdict before and passes now is kept, as it failed."""
    state, _ = play(judged(), Saved((EX1,)), Graded(2, (verdict(EX1, Outcome.PASSED),)))
    assert [check.message for check in state.mended] == ["Item 3 was lost."]
    state, _ = play(state, Saved((EX1,)), Graded(3, (verdict(EX1),)))
    assert state.mended == ()
    assert play(judged(), Graded(2, (verdict(EX1, Outcome.NOT_STARTED),)))[0].mended == ()


def test_the_same_problem_again_is_counted() -> None:
    """Until it is another one, or another exercise."""
    state = judged()
    for run in (2, 3):
        state, _ = play(state, Saved((EX1,)), Graded(run, (verdict(EX1),)))
    assert state.alike == 3
    other, _ = play(state, Saved((EX1,)), Graded(4, (verdict(EX1, check="test_other"),)))
    assert other.alike == 1
    assert play(state, Saved((EX2,)))[0].alike == 0


def test_a_hint_before_the_first_step() -> None:
    """An exercise that was not begun shows no hint by itself, and gives those of its first check."""
    state = judged(Outcome.NOT_STARTED)
    assert state.hints == 0
    assert play(state, "h")[1] == [Climb(EX1, "test_starts", 3, after=0)]


def test_the_welcome_gives_no_hint_unasked() -> None:
    """A stub's check has failed, so that its first hint would be given; `h` then begins with that."""
    stub = replace(verdict(EX1), outcome=Outcome.NOT_STARTED)
    welcomed, _ = machine.begin(COURSE, EX1, welcome=True)
    state, effects = play(welcomed, Graded(1, (stub,)))
    assert (state.welcomes, state.hints, effects) == (True, 0, [])
    assert play(state, "h")[1] == [Climb(EX1, "test_it", 3, after=0)]
    state, _ = play(begun(), Graded(1, (stub,)))
    assert state.hints == 1


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (begun(), "no verdict"),
        (judged(Outcome.PASSED), "It passes"),
        (judged(Outcome.MISSING), "x has the stub put back"),
        (judged(Outcome.UNGRADED), "no hint for this"),
        (play(begun(), Graded(1, (verdict(EX1, hints=()),)))[0], "no hint for this"),
    ],
)
def test_no_hint(state: State, says: str) -> None:
    """Where there is none, it is said why."""
    said, effects = play(state, "h")
    assert says in said.says
    assert effects == []


# -- the list --------------------------------------------------------------------------------------


def test_the_list() -> None:
    """The cursor begins at the current exercise, moves and stops at the ends; Enter goes there."""
    state, _ = play(judged(), "n", "l")
    assert state.cursor == 1
    for keys, place in (("j", 2), ("jj", 2), ("k", 0), ("kkk", 0), ("G", 2), ("Gg", 0)):
        assert play(state, *keys)[0].cursor == place
    assert play(state, "down", "up", "end", "home", "pgdn", "pgup", "down")[0].cursor == 1
    state, effects = play(state, "G", "enter")
    assert (state.panel, state.current, effects) == (Panel.REPORT, EX3, [Grade(3, (EX3,))])


def test_filters() -> None:
    """`f` goes round all, done and pending; the cursor stays on its exercise where it can."""
    state, _ = play(judged(Outcome.PASSED), "l", "j")
    done, _ = play(state, "f")
    assert (done.shown, [e.exercise for e in done.listed], done.cursor) == (Filter.DONE, [EX1], 0)
    pending, _ = play(state, "f", "f")
    assert [e.exercise for e in pending.listed] == [EX2, EX3]
    assert play(pending, "f")[0].shown is Filter.ALL


def test_an_empty_list() -> None:
    """Nothing to choose from is nothing to go to."""
    state, effects = play(judged(), "l", "f", "j", "enter", "f")
    assert (state.shown, state.cursor, effects) == (Filter.PENDING, 0, [])


@pytest.mark.parametrize("key", ["l", "esc"])
def test_back_from_the_list(key: str) -> None:
    """Both keys leave it as one came."""
    state, effects = play(judged(), "l", "j", key)
    assert (state.panel, state.current, effects) == (Panel.REPORT, EX1, [])


# -- other keys ------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["y", "Y"])
def test_reset(key: str) -> None:
    """Only after a yes."""
    state, effects = play(judged(), "x")
    assert (state.asking, effects) == (True, [])
    state, effects = play(state, key)
    assert (state.asking, effects) == (False, [Reset(EX1)])
    assert play(state, Noticed("It is back."), Saved((EX1,)))[0].says == "It is back."


def test_a_question_waits_for_its_answer() -> None:
    """What comes meanwhile does not take it away, but a save does: that is something to keep."""
    state, _ = play(judged(), "c", "x", Graded(2, (verdict(EX1),)), Hinted(2), Ticked())
    assert state.asking
    assert not play(state, Saved((EX1,)))[0].asking


@pytest.mark.parametrize("key", ["n", "esc", "x", "enter", "q"])
def test_no_reset(key: str) -> None:
    """Any other answer is a no, and does nothing else."""
    state, effects = play(judged(), "x", key)
    assert (state.asking, state.says, effects) == (False, "Nothing was changed.", [])


def test_the_editor() -> None:
    """It is opened at the failure's line, or just opened; when it ends the terminal is ours."""
    assert play(judged(), "e")[1] == [Edit(EX1, 1)]
    assert play(begun(), "e")[1] == [Edit(EX1)]
    assert play(judged(), EditorClosed()) == (judged(), [TakeBack()])
    assert play(judged(), EditorClosed("It broke."))[0].says == "It broke."


@pytest.mark.parametrize(
    ("key", "effect"), [("q", Quit()), ("ctrl-c", Quit()), ("eof", Quit()), ("ctrl-z", Suspend())]
)
def test_leaving(key: str, effect: Effect) -> None:
    """`q` ends it from wherever one is, and so does the end of what can be typed."""
    for state in (begun(), judged(), play(judged(), "l")[0], play(judged(), "?")[0]):
        assert play(state, key)[1] == [effect]


def test_nothing_to_type_with() -> None:
    """Without keys it goes on, and says how to end it."""
    state, effects = play(judged(), "deaf")
    assert ("Ctrl-C" in state.says, effects) == (True, [])


def test_scrolling() -> None:
    """A report is scrolled by lines and pages, no further than there is something to see."""
    state = judged()
    for keys, scroll in (
        ("j", 1),
        ("k", 0),
        (" ", 9),
        ("  ", 18),
        ("   ", 20),
        ("G", 20),
        ("Gb", 11),
    ):
        assert play(state, *keys)[0].scroll == scroll
    assert play(state, "G", Fitted(28, 30))[0].scroll == 2
    assert play(state, "G", Fitted(40, 30))[0].scroll == 0
    assert play(state, "G", Resized())[0].scroll == 20


def test_unknown_keys() -> None:
    """They do nothing but clear what was said."""
    state, effects = play(replace(judged(), says="Hello."), "w")
    assert (state, effects) == (judged(), [])


_EVENTS = st.one_of(
    st.sampled_from([*"nhlxyctsef?jkgG b", "up", "down", "enter", "esc", "pgdn"]).map(Pressed),
    st.sampled_from(ALL).map(lambda one: Saved((one,))),
    st.sampled_from(ALL).map(lambda one: Changing((one,))),
    st.tuples(st.integers(1, 9), st.sampled_from(Outcome)).map(
        lambda pair: Graded(pair[0], (verdict(EX1, pair[1]),))
    ),
    st.integers(1, 9).map(Outdated),
    st.integers(1, 9).map(lambda run: Troubled(run, "Broken.")),
    st.tuples(st.integers(1, 20), st.integers(0, 40)).map(lambda pair: Fitted(*pair)),
    st.just(Ticked()),
)


@settings(max_examples=200)
@given(st.lists(_EVENTS, max_size=40))
def test_whatever_happens(events: list[Event]) -> None:
    """Any story leaves a state that can be drawn; only its latest run is under way, as it was told."""
    state, effects = machine.begin(COURSE, EX1)
    told: Grade | None = Grade(1, (EX1,))
    for event in events:
        state, effects = machine.step(state, event)
        for effect in effects:
            told = effect if isinstance(effect, Grade) else told
            assert not isinstance(effect, Quit)
        assert told is not None
        assert state.run == told.run
        assert state.running in ((), told.exercises)
        assert state.step in state.course
        assert 0 <= state.cursor < max(1, len(state.listed))
        assert state.scroll >= 0
