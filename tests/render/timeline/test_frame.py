"""What part is shown, where the ticks are, and which lanes fit."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.render.timeline.frame import Frame, fold, frame, letters, ticks
from grader.render.timeline.model import Drawing, Lane, Queue, Span, State, Step
from grader.results import Sight
from tests.render.timeline import samples


def test_all_of_it_where_it_fits() -> None:
    """A short run is shown from its beginning to its end."""
    window = frame(samples.waiting().drawing, 70)
    assert (window.start, window.end, window.whole) == (0.0, 0.3, True)


def test_the_wrong_part_of_a_long_run() -> None:
    """Of a long one the stretch around the first mistake, so that its tries can be seen."""
    drawing = samples.long().drawing
    window = frame(drawing, 70)
    assert not window.whole
    first = drawing.notes[0]
    assert window.start <= (first.around or (0.0, 0.0))[0] < first.at < window.end
    assert 0.1 / window.step >= 2


def test_a_mistake_longer_than_the_window() -> None:
    """A pause of minutes is shown from one end to the other."""
    note = Sight(300.0, 1, "waited", "pause", around=(0.0, 300.0))
    lane = Lane(1, "C1", (Span(State.WORK, 0.0, 0.1), Span(State.WORK, 300.0, 300.1)))
    window = frame(Drawing((lane,), (), (note,), 1000.0), 70)
    assert window.start == 0.0
    assert window.end > 300.0


def test_a_long_run_without_notes() -> None:
    """Where nothing is said the beginning is shown."""
    lane = Lane(1, "C1", (Span(State.WORK, 0.0, 0.1),))
    assert frame(Drawing((lane,), (), (), 1000.0), 70).start == 0.0


def test_further_mistakes_nearby() -> None:
    """The window takes in the other notes that fit into it, and no more."""
    notes = tuple(Sight(at, 1, "x", "x", around=(at - 0.1, at)) for at in (50.0, 51.0, 900.0))
    lane = Lane(1, "C1", (Span(State.WORK, 0.0, 0.1),))
    window = frame(Drawing((lane,), (), notes, 1000.0), 70)
    assert [window.shows(note.at) for note in notes] == [True, True, False]


@settings(max_examples=100)
@given(st.floats(0, 1e6), st.floats(1e-3, 1e6), st.integers(20, 200))
def test_ticks_are_round_and_apart(start: float, length: float, columns: int) -> None:
    """Ticks stand within the window, far enough from each other, and say different things."""
    window = Frame(start, start + length, columns)
    found = ticks(window, 9)
    places = [window.place(at) for at, _words in found]
    assert all(-1e-3 <= place <= columns + 1e-3 for place in places)
    assert all(b - a >= 9 - 1e-3 for a, b in pairwise(places))
    assert len({words for _at, words in found}) == len(found)


@pytest.mark.parametrize(
    ("end", "words"),
    [(0.45, ["0.0", "0.1", "0.2", "0.3", "0.4"]), (700.0, ["0", "200", "400", "600"])],
)
def test_ticks_in_seconds(end: float, words: list[str]) -> None:
    """The times have as many decimals as they need."""
    assert [text for _at, text in ticks(Frame(0.0, end, 45), 9)] == words


def test_lanes_with_notes_stay() -> None:
    """Of many lanes the first ones are shown, and those that a note speaks of."""
    lanes = tuple(Lane(n, f"C{n}") for n in range(1, 66))
    shown, more = fold(Drawing(lanes, (), (Sight(0.1, 40, "oh", "x"),), 1.0), 8)
    assert [lane.task for lane in shown] == [1, 2, 3, 4, 5, 6, 7, 40]
    assert more == 57


def test_letters() -> None:
    """Each note has a letter of its own."""
    notes = [Sight(0.1, 1, "a", "x"), Sight(0.2, 1, "b", "x")]
    assert [letter for letter, _note in letters(notes)] == ["A", "B"]


def test_the_queue_at_its_deepest() -> None:
    """A column shows the most that waited in it; what was before the first step is unknown."""
    queue = Queue((Step(0.1, 2, 2), Step(0.2, 5, 5), Step(0.3, 1, 1)))
    assert queue.between(0.0, 0.05) is None
    assert queue.between(0.1, 0.15) == Step(0.1, 2, 2)
    assert queue.between(0.15, 0.35) == Step(0.15, 5, 1)
    assert queue.between(0.5, 0.6) == Step(0.5, 1, 1)
    assert (queue.deepest, Queue(()).deepest) == (5, 0)
