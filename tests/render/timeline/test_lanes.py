"""Lanes: what each task did, without overlaps, and whose deeds belong to whom."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given, settings

from grader.render.timeline.draw import draw_raw
from grader.render.timeline.model import Drawing, Finding, Lane, Mark, Sign, Span, State
from tests.render.timeline import samples
from tests.render.timeline.samples import fed, got, pipeline, tried
from tests.render.timeline.strategies import traces


def _drawing(raw: dict[str, Any]) -> Drawing:
    drawing = draw_raw(raw)
    assert drawing is not None
    return drawing


def _lane(drawing: Drawing, name: str) -> Lane:
    return next(lane for lane in drawing.lanes if lane.name == name)


def _states(lane: Lane) -> list[State]:
    return [span.state for span in lane.spans]


def test_a_consumer_that_retries() -> None:
    """Working, backing off, working again, and waiting for the next item until the end."""
    lane = _lane(samples.forgotten().drawing, "C1")
    assert _states(lane) == [State.WORK, State.BACKOFF, State.WORK, State.GET]
    assert lane.spans[1] == Span(State.BACKOFF, 0.06, 0.09)
    assert [span.label for span in lane.spans] == ["7", "", "7:2", ""]
    assert lane.marks == (Mark(Sign.FAILED, 0.06), Mark(Sign.GAVE_UP, 0.15))


def test_the_producer_comes_first() -> None:
    """Then the consumers, by their numbers; what waits for ever goes on to the end."""
    drawing = samples.forgotten().drawing
    assert [lane.name for lane in drawing.lanes] == ["producer", "C1", "C2"]
    assert drawing.endless
    assert drawing.lanes[0].spans[-1].end == drawing.end > 0.15


def test_waiting_for_room() -> None:
    """From the `put` that found the queue full to the moment at which there was room."""
    lane = _lane(samples.waiting().drawing, "producer")
    assert lane.spans == (Span(State.PUT, 0.0, 0.1), Span(State.JOIN, 0.1, 0.3))


def test_a_blocked_loop_stops_everybody() -> None:
    """`time.sleep` in one task is drawn in every lane."""
    for lane in samples.blocked().drawing.lanes:
        assert Span(State.BLOCKED, 0.05, 0.15) in lane.spans


def test_a_sleep_of_its_own() -> None:
    """A sleep between two tries of one item is a pause; another one is just sleep."""
    raw = pipeline(
        *fed(0, 1),
        got(2, 0, 0),
        *tried(2, 0, 0.0, 0.1, "transient"),
        [0.2, 2, "timer", 9, 0.1],
        *tried(2, 0, 0.2, 0.3, number=2),
        [0.5, 2, "timer", 9, 0.2],
    )
    states = _states(_lane(_drawing(raw), "C1"))
    assert states == [State.WORK, State.BACKOFF, State.WORK, State.SLEEP]


def test_a_limit_that_ends_a_pause() -> None:
    """Where a limit for the whole item ends it, it is given up on then, and was backing off before."""
    raw = pipeline(
        *fed(0, 1),
        got(2, 0, 0),
        *tried(2, 0, 0.0, 0.1, "transient"),
        [0.25, 2, "timer", 9, 0.25],
        [0.75, 2, "timer", 9, 0.25],
    )
    lane = _lane(_drawing(raw), "C1")
    assert lane.spans[1:4] == (
        Span(State.BACKOFF, 0.1, 0.25),
        Span(State.WAIT, 0.25, 0.5),
        Span(State.SLEEP, 0.5, 0.75),
    )
    assert lane.marks == (Mark(Sign.FAILED, 0.1), Mark(Sign.GAVE_UP, 0.25))


def test_tries_in_tasks_of_their_own() -> None:
    """A consumer that makes a task for each try keeps its lane; tasks that run beside it do not."""
    one_by_one = [
        *fed(0, 1),
        *fed(1, 2),
        got(2, 0, 1),
        [0.0, 2, "spawn", 21, 3],
        *tried(3, 0, 0.0, 0.1),
        got(2, 1, 0, 0.1),
        [0.1, 2, "spawn", 21, 4],
        *tried(4, 1, 0.1, 0.2),
    ]
    names = ["lab", "run_pipeline", "Task-2", "Task-3", "Task-4"]
    drawing = _drawing(pipeline(*one_by_one, tasks=names))
    assert [lane.name for lane in drawing.lanes] == ["producer", "C1"]
    assert _states(_lane(drawing, "C1")) == [State.WORK, State.WORK]
    beside = [row if row[1] != 4 or row[2] != "begin" else [0.05, *row[1:]] for row in one_by_one]
    assert len(_drawing(pipeline(*beside, tasks=names)).lanes) == 4


def test_parents_in_a_circle() -> None:
    """A forged trace in which two tasks made each other is drawn like any other."""
    rows = [[0.0, 3, "spawn", 1, 2], [0.0, 2, "spawn", 1, 3], *tried(3, 0, 0.0, 0.1)]
    assert [lane.name for lane in _drawing(pipeline(*rows)).lanes] == ["C1"]


def test_stuck_in_something_else() -> None:
    """A task that waits for no queue at the end is drawn as stuck from when it was last heard of."""
    raw = pipeline(
        *fed(0, 1),
        got(2, 0, 0),
        *tried(2, 0, 0.0, 0.1),
        *tried(3, 1, 0.0, 0.3),
        how="deadlock",
        waits=[{"task": 2, "line": 9, "in": "Event.wait"}],
    )
    assert _lane(_drawing(raw), "C1").spans[-1].state is State.STUCK


def test_the_labs_own_join_has_no_lane() -> None:
    """Beside single consumers the lab waits in a `join()` that is nobody's."""
    raw = samples.constant().raw
    raw["events"] = [[0.0, 0, "spawn", None, 2], [0.0, 2, "join", None, 1, 2], *raw["events"]]
    assert [lane.name for lane in _drawing(raw).lanes] == ["C1"]


def test_a_death_is_marked() -> None:
    """A task that dies has a mark where it does."""
    assert Mark(Sign.DIED, 0.1) in samples.hostile().drawing.lanes[1].marks


@settings(max_examples=60)
@given(traces())
def test_spans_never_overlap(sample: tuple[dict[str, Any], Finding]) -> None:
    """Whatever happened, a task is in one state at a time, and none of them ends before it began."""
    drawing = draw_raw(*sample)
    for lane in drawing.lanes if drawing else ():
        assert all(span.end > span.start for span in lane.spans)
        assert all(one.end <= other.start for one, other in pairwise(lane.spans))


def test_single_consumers_keep_their_order() -> None:
    """Beside each other they stand as they were started, whatever they are called."""
    raw = samples.crowd(3).raw | {"tasks": ["lab", "C1", "client", "client"]}
    assert [lane.name for lane in _drawing(raw).lanes] == ["C1", "client", "client"]
