"""Notes point at the moment, the lane and the cause; one trace for each kind of mistake."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from grader.course.mistakes import catalogue
from grader.render.timeline.draw import draw_raw
from grader.render.timeline.model import Drawing
from grader.results import Sight
from tests.render.samples import trace
from tests.render.timeline import samples
from tests.render.timeline.samples import CREW, NOTHING, Row, fed, finding, got, pipeline, tried

RETRY = {"attempts": 3, "delay": 0.03, "backoff": 2.0, "jitter": 0.0}


def consume(*events: Row, asked: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """The trace of two consumers, tasks 1 and 2, which end by being cancelled at the end."""
    ordered = sorted(events, key=lambda event: event[0])
    named: dict[str, Any] = {
        "tasks": ["lab", "C1", "C2", "Task-3"],
        "crew": [1, 2],
        "called": ["consumer"],
        "asked": {"attempts": 3} if asked is None else asked,
        "items": ["7", "8", "9"],
        "clock": ordered[-1][0],
    }
    return trace(*ordered, **(named | changes))


def died(task: int, at: float) -> Row:
    """A task dies of an error."""
    error = {"type": "ValueError", "bases": [], "text": "bad", "lines": [33], "inner": []}
    return [at, task, "end", None, "raised", error]


@dataclass(frozen=True)
class Case:
    """A trace, the code and message of its finding, and the note that is wanted."""

    raw: dict[str, Any]
    at: float
    lane: str
    words: str
    code: str | None = None
    message: str = ""
    wrong: bool = True
    shows: dict[str, Any] | None = None


ONE = [*fed(0, 1), got(2, 0, 0), *tried(2, 0, 0.0, 0.1)]
TWICE = [
    *tried(1, 0, 0.0, 0.1, "transient"),
    *tried(1, 0, 0.1, 0.2, "transient", number=2),
    *tried(1, 0, 0.2, 0.3, "transient", number=3),
]

CASES = {
    "too long": Case(
        consume(*tried(1, 0, 0.0, 0.1, "transient"), *tried(1, 0, 2.1, 2.2, number=2), asked=RETRY),
        *(2.1, "C1", "waited 2.000 s before try 2 of item 7 · asked 30.0 ms → too long"),
        "wrong-pause",
    ),
    "no pause wanted": Case(
        consume(*tried(1, 0, 0.0, 0.1, "transient"), *tried(1, 0, 0.2, 0.3, number=2)),
        *(0.2, "C1", "asked none → too long"),
        "sleeps-in-ex2",
    ),
    "first pauses differ": Case(
        consume(
            *tried(1, 0, 0.0, 0.1, "transient"),
            *tried(1, 0, 0.2, 0.3, number=2),
            *tried(2, 1, 0.0, 0.1, "transient"),
            *tried(2, 1, 0.5, 0.6, number=2),
        ),
        *(0.5, "C2", "waited 400.0 ms before the first retry of item 8 · item 7 waited 100.0 ms"),
        "exponent-from-totals",
    ),
    "sleep after the last failure": Case(
        consume(*TWICE, [0.5, 1, "timer", 25, 0.2], *tried(1, 1, 0.5, 0.6)),
        *(0.3, "C1", "sleeps 200.0 ms (line 25) after the last failure of item 7"),
        "sleeps-after-last-failure",
    ),
    "sleep after a success": Case(
        consume(*tried(1, 0, 0.0, 0.1), [0.3, 1, "timer", 25, 0.2], *tried(1, 1, 0.3, 0.4)),
        *(0.1, "C1", "after item 7 had succeeded · only retries wait"),
        "sleeps-after-success",
    ),
    "sleep before the first try": Case(
        consume([0.2, 1, "timer", 25, 0.2], *tried(1, 0, 0.2, 0.3)),
        *(0.0, "C1", "before the first try"),
        "sleeps-before-first-try",
    ),
    "the producer sleeps": Case(
        pipeline(*ONE, [0.05, 1, "timer", 46, 0.05], *fed(1, 1, 0.05)),
        *(0.0, "producer", "sleeps 50.0 ms (line 46) instead of waiting for room in put()"),
        "producer-sleeps",
    ),
    "a sleep instead of join": Case(
        pipeline(*ONE, [0.05, 1, "timer", 50, 0.05], [0.05, 0, "return", None], items=["7"]),
        *(0.0, "producer", "instead of waiting for the work itself in join()"),
        "sleep-instead-of-join",
    ),
    "no retry": Case(
        consume(*tried(1, 0, 0.0, 0.1, "transient"), *tried(1, 1, 0.1, 0.2)),
        *(0.1, "C1", "left item 7 after the first failure · no retry, with attempts=3"),
        "no-retry",
    ),
    "too few tries": Case(
        consume(*TWICE, asked={"attempts": 4}),
        *(0.3, "C1", "left item 7 after try 3"),
        "too-few-tries",
    ),
    "too many tries": Case(
        consume(*TWICE, asked={"attempts": 2}),
        *(0.2, "C1", "began try 3 of item 7 · attempts=2"),
        "one-try-too-many",
    ),
    "tried after a success": Case(
        consume(*tried(1, 0, 0.0, 0.1), *tried(1, 0, 0.1, 0.2, number=2)),
        *(0.1, "C1", "though it had succeeded"),
        "tried-after-success",
    ),
    "another error is retried": Case(
        consume(*tried(1, 0, 0.0, 0.1, "error"), *tried(1, 0, 0.1, 0.2, number=2)),
        *(0.1, "C1", "tried item 7 again after an error that is not transient"),
        "retries-other-errors",
    ),
    "another error is swallowed": Case(
        consume(*tried(1, 0, 0.0, 0.1, "error"), *tried(1, 1, 0.1, 0.2)),
        *(0.1, "C1", "went on after an error in item 7"),
        "swallows-other-errors",
    ),
    "tries overlap": Case(
        consume(*tried(1, 0, 0.0, 0.1, "transient"), *tried(2, 0, 0.05, 0.2, number=2)),
        *(0.05, "C2", "before try 1 had ended"),
        "work-runs-beside-the-consumer",
    ),
    "too much at once": Case(
        consume(*tried(1, 0, 0.0, 0.1), *tried(2, 1, 0.0, 0.2), *tried(2, 2, 0.1, 0.2)),
        *(0.0, "C2", "began item 8: 2 items at once, with 1 consumer"),
        "work-runs-beside-the-consumer",
    ),
    "dropped": Case(
        pipeline(*ONE, [0.0, 1, "take", 44, 1]),
        *(0.0, "producer", "took item 8 · item 8 was never worked on"),
        "drops-items",
    ),
    "nothing begins": Case(
        pipeline([0.0, 1, "drained", 44], [0.0, 2, "get_wait", 18, 1]),
        *(0.0, "queue", "3 items wait, and no try ever begins"),
        "drops-items",
    ),
    "out of order": Case(
        pipeline(*fed(0, 1), *fed(1, 2), got(2, 1, 1), *tried(2, 1, 0.0, 0.1)),
        *(0.0, "C1", "began item 8 before item 7, which came first"),
        "items-out-of-order",
    ),
    "put back": Case(
        consume(
            [0.0, 0, "put", None, 1, 1, 0],
            [0.0, 1, "get", 18, 1, 0, 0],
            *tried(1, 0, 0.0, 0.1, "transient"),
            [0.1, 1, "put", 29, 1, 1, 0],
        ),
        *(0.1, "C1", "put item 7 back into the queue (line 29)"),
        "item-put-back",
    ),
    "wrong counts": Case(
        consume(*TWICE),
        *(0.3, "C1", "gave up on item 7 after 3 tries · stats are off"),
        *("failed-counts-tries", "stats are off."),
    ),
    "given up after one": Case(
        consume(*tried(1, 0, 0.0, 0.1, "transient"), asked={"attempts": 1}),
        *(0.1, "C1", "gave up on item 7 after the only try"),
        *("stats-wrong", "off"),
    ),
    "done twice": Case(
        pipeline(*ONE, [0.1, 2, "done", 30, 1, 0], [0.1, 2, "done", 31, 1, -1]),
        *(0.1, "C1", "task_done() a second time for item 7 (line 31) · ValueError"),
        "task-done-twice",
    ),
    "done before it is tried": Case(
        pipeline(*fed(0, 1), got(2, 0, 0), [0.0, 2, "done", 19, 1, 0], *tried(2, 0, 0.0, 0.1)),
        *(0.0, "C1", "task_done() for item 7 (line 19) before it was tried"),
        "task-done-too-early",
    ),
    "done after a failure": Case(
        consume(
            [0.0, 0, "put", None, 1, 1, 0],
            [0.0, 1, "get", 18, 1, 0, 0],
            *tried(1, 0, 0.0, 0.1, "transient"),
            [0.1, 1, "done", 28, 1, 0],
            *tried(1, 0, 0.1, 0.2, number=2),
        ),
        *(0.1, "C1", "after try 1, before it is settled"),
        "task-done-per-try",
    ),
    "done is missing on success": Case(
        pipeline(*ONE, *fed(1, 1, 0.1), got(2, 1, 0, 0.1), *tried(2, 1, 0.1, 0.2)),
        *(0.2, "C1", "finished item 8 · task_done() missing → join() waits for 2"),
        "task-done-missing",
    ),
    "bound too large": Case(
        pipeline(
            *(row for n in range(3) for row in fed(n, n + 1)),
            *[got(2, 0, 2), *tried(2, 0, 0.0, 0.1)],
            asked={"consumers": 1, "maxsize": 0},
        ),
        *(0.0, "queue", "2 items wait, with maxsize=0 · its bound is 3"),
        "bound-too-large",
    ),
    "not filled": Case(
        pipeline(*ONE, asked={"consumers": 1, "maxsize": 3}),
        *(0.0, "queue", "only 0 of maxsize=3 wait, though all consumers are busy"),
        "ignores-maxsize",
    ),
    "idle": Case(
        pipeline(*ONE, asked=CREW),
        *(0.0, "queue", "1 item is worked on, while 2 could be"),
        "ignores-consumers",
    ),
    "no log": Case(pipeline(*ONE), 0.0, "producer", "printed no line for it", "log-not-on-stdout"),
    "returned early": Case(
        pipeline(*ONE, [0.1, 0, "return", None]),
        *(0.1, "producer", "returned, though items 8, 9 are not finished"),
        "returns-without-waiting",
    ),
    "returned late": Case(
        pipeline(*ONE, [0.4, 0, "return", None], items=["7"]),
        *(0.4, "producer", "returned only now · the last item was finished 300.0 ms earlier"),
        "join-bounded",
    ),
    "left behind": Case(
        pipeline(*ONE, items=["7"], left=[{"task": 2, "line": 18, "in": "Queue.get"}]),
        *(0.1, "producer", "left tasks behind · C1 waits in get() (line 18)"),
        "tasks-left-behind",
    ),
    "livelock": Case(
        pipeline(*ONE, end={"how": "livelock", "line": 45}),
        *(0.1, "producer", "asks again and again (line 45) → time stands still"),
        *("polls-for-ever", "Busy polling."),
    ),
    "an hour": Case(
        pipeline(*ONE, how="time_limit", waits=[{"task": 1, "line": 50, "in": "sleep"}]),
        *(0.1, "queue", "still not finished after 0 s · producer waits in sleep()"),
        *(None, "After an hour."),
    ),
    "a death that nobody notices": Case(
        pipeline(
            *ONE, died(2, 0.1), how="deadlock", waits=[{"task": 1, "line": 50, "in": "x.join"}]
        ),
        *(0.1, "C1", "died of ValueError: bad (line 33) → nobody notices"),
        *("error-hangs", "Item 7 raised."),
    ),
    "a consumer waits for something else": Case(
        consume(*tried(1, 0, 0.0, 0.1), waits=[{"task": 2, "line": 9, "in": "Lock.acquire"}]),
        *(0.1, "C2", "waits for ever in acquire() (line 9)"),
        *(None, "Something."),
    ),
    "outlives its cancellation": Case(
        consume(
            *tried(1, 0, 0.0, 0.1),
            [0.05, 0, "cancel", None],
            [0.05, 2, "end", None, "returned", None],
            [0.1, 0, "quiet", None],
        ),
        *(0.05, "C1", "was cancelled here, and went on"),
        "swallows-cancellation",
    ),
    "returns when cancelled": Case(
        consume(
            [0.05, 0, "cancel", None],
            [0.05, 1, "end", None, "cancelled", None],
            [0.05, 2, "end", None, "returned", None],
            *[[0.05, 0, "quiet", None], *tried(1, 0, 0.0, 0.05, "cancelled")],
        ),
        *(0.05, "C2", "was cancelled here, and returned instead"),
        "swallows-cancellation",
    ),
    "never awaited": Case(
        pipeline(*ONE, unawaited=[["Service.__call__", 20]]),
        *(0.0, "C1", "calls the service without await (line 20) → it never ran"),
        "coroutine-never-awaited",
    ),
    "a moment of the failure's own": Case(
        consume(*tried(2, 0, 0.0, 0.1)),
        *(0.05, "C2", "did something at 0.050 s"),
        *(None, "C2 did something at 0.050 s."),
        shows={"at": 0.05, "task": 2},
    ),
    "an item of the failure's own": Case(
        consume(*tried(2, 1, 0.0, 0.1), *tried(1, 0, 0.1, 0.2)),
        *(0.1, "C2", "Item 8 is off"),
        *("no-such-code", "Item 8 is off."),
        shows={"item": 1},
    ),
    "an item that was only put": Case(
        pipeline(*ONE, *fed(1, 1, 0.05)),
        *(0.05, "queue", "Item 8 is off"),
        *(None, "Item 8 is off at 9.000 s."),
        shows={"at": 9.0, "item": 1},
    ),
    "a random part": Case(
        consume(*tried(1, 0, 0.0, 0.1, "transient"), *tried(1, 0, 0.2, 0.3, number=2)),
        *(0.2, "C1", "nothing is random"),
        *("jitter-fixed-seed", "nothing is random"),
    ),
    "nothing known": Case(pipeline(*ONE), 0.1, "C1", "It is wrong", None, "It is wrong."),
    "a death that is right": Case(
        consume(*tried(1, 0, 0.0, 0.1, "error"), died(1, 0.1)),
        *(0.1, "C1", "died of ValueError"),
        wrong=False,
    ),
    "a cancellation that is right": Case(
        consume(
            *tried(1, 0, 0.0, 0.1, "cancelled"),
            [0.1, 0, "cancel", None],
            *([0.1, task, "end", None, "cancelled", None] for task in (1, 2)),
        ),
        *(0.1, "C1", "was cancelled here"),
        wrong=False,
    ),
    "a good retry": Case(
        consume(*tried(1, 0, 0.0, 0.1, "transient"), *tried(1, 0, 0.1, 0.2, number=2)),
        *(0.1, "C1", "tries item 7 again"),
        wrong=False,
    ),
    "a good pause": Case(
        consume(*tried(1, 0, 0.0, 0.1, "transient"), *tried(1, 0, 0.2, 0.3, number=2)),
        *(0.1, "C1", "waits 100.0 ms, then tries item 7 again"),
        wrong=False,
    ),
}
CASES["too much at once"].raw["crew"] = [1]


def _drawn(case: Case) -> Drawing:
    said = finding(case.code, case.message, **(case.shows or {}))
    drawing = draw_raw(case.raw, said.of(case.raw) if case.message or case.code else NOTHING)
    assert drawing is not None
    return drawing


def _lane(drawing: Drawing, note: Sight) -> str:
    names = {lane.task: lane.name for lane in drawing.lanes}
    return "queue" if note.task is None else names[note.task]


# An exercise takes its own mistakes with it.
KNOWN = [name for name, case in CASES.items() if case.code is None or case.code in catalogue()]


@pytest.mark.parametrize("name", KNOWN)
def test_points_at_it(name: str) -> None:
    """The note has the time, the lane and the words that a learner needs."""
    case = CASES[name]
    drawing = _drawn(case)
    found = [note for note in drawing.notes if case.words in note.text]
    assert found, [note.text for note in drawing.notes]
    assert found[0].at == pytest.approx(case.at)
    assert _lane(drawing, found[0]) == case.lane
    assert found[0].wrong is case.wrong or found[0].kind == "gave-up"


def test_only_a_few() -> None:
    """Of many notes of one kind two are shown, and the second says how many more there are."""
    events = [row for n in range(8) for row in tried(1, n, n / 10, n / 10 + 0.1, "transient")]
    raw = consume(*events, items=[str(n) for n in range(7, 15)])
    notes = _drawn(Case(raw, 0.0, "", "", "no-retry")).notes
    assert len(notes) == 2
    assert notes[1].text.endswith("(and 6 more like it)")


def test_in_the_order_of_time() -> None:
    """Notes are lettered in the order in which things happened."""
    times = [note.at for note in samples.forgotten().drawing.notes]
    assert times == sorted(times)


def test_a_herd_needs_many() -> None:
    """Two clients that come back together are no crowd."""
    small = samples.crowd(5)
    assert [note.kind for note in small.drawing.notes] != ["crowd"]
    spread = [
        row
        for n in range(20)
        for row in (
            *tried(n + 1, n, 0.0, 0.1, "transient"),
            *tried(n + 1, n, 0.2 + n / 50, 0.9, number=2),
        )
    ]
    raw = samples.crowd(20).raw | {"events": sorted(spread, key=lambda row: row[0]), "clock": 0.9}
    drawing = draw_raw(raw, finding("jitter-not-random", "Odd.").of(raw))
    assert drawing is not None
    assert "crowd" not in [note.kind for note in drawing.notes]


def test_a_deed_of_a_task_without_a_lane() -> None:
    """What a task in the background does is noted in the lane of the one that made it."""
    raw = consume(
        [0.0, 0, "put", None, 1, 1, 0],
        [0.0, 1, "get", 18, 1, 0, 0],
        *tried(1, 0, 0.0, 0.1, "transient"),
        [0.1, 1, "spawn", 28, 3],
        [0.2, 3, "put", 29, 1, 1, 0],
    )
    drawing = _drawn(Case(raw, 0.0, "", "", "item-put-back"))
    assert [_lane(drawing, note) for note in drawing.notes] == ["C1"]


QUIET = {
    "a bound of consumers that have none": (consume(*tried(1, 0, 0.0, 0.1)), "unbounded-queue"),
    "a queue that is filled": (samples.waiting().raw, "queue-not-filled"),
    "a queue that is bounded": (samples.waiting().raw, "unbounded-queue"),
    "consumers that are busy": (samples.waiting().raw, "consumers-idle"),
    "single consumers that are idle": (consume(*tried(1, 0, 0.0, 0.1)), "consumers-idle"),
    "a line for each put": (
        pipeline(*ONE, [0.0, 1, "print", 46, "PROD 7 SZ 1", 1]),
        "log-not-on-stdout",
    ),
    "nothing was put": (consume(*tried(1, 0, 0.0, 0.1)), "log-not-on-stdout"),
    "in order": (samples.waiting().raw, "items-out-of-order"),
    "one at a time": (consume(*tried(1, 0, 0.0, 0.1)), "work-runs-beside-the-consumer"),
    "an error that ended its consumer": (
        consume(*tried(1, 0, 0.0, 0.1, "error"), [0.1, 1, "end", None, "returned", None]),
        "swallows-other-errors",
    ),
    "it has not returned": (pipeline(*ONE, how="raised", end={"how": "output"}), "returns-late"),
    "all is well": (pipeline(*ONE, [0.1, 0, "return", None], items=["7"]), "returns-late"),
}


@pytest.mark.parametrize("what", QUIET)
def test_where_the_trace_does_not_show_it_the_message_speaks(what: str) -> None:
    """A detector that sees nothing says nothing; then the check's own words are shown."""
    raw, code = QUIET[what]
    drawing = draw_raw(raw, finding(code, "The check says so.").of(raw))
    assert drawing is not None
    assert [note.text for note in drawing.notes] == ["The check says so"]
