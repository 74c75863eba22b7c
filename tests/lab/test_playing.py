"""The two kinds of scenario, played to every kind of end."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from grader.course.kit.lesson import Consume, Job, Pipeline
from grader.lab import Lab
from grader.lab.playing import FORMAT, Run
from grader.trace import Trace
from tests.lab.support import CONSUMER, body, consume, line, pipeline, run, script, values

# -- pipelines --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "how"),
    [
        ("return 1", "returned"),
        ("raise ValueError('no')  # here", "raised"),
        ("raise MemoryError", "memory"),
        ("await asyncio.create_task(fails())", "memory"),
        ("import sys\nsys.exit(3)", "exit"),
        ("raise KeyboardInterrupt", "raised"),
        ("raise asyncio.CancelledError", "cancelled"),
        ("asyncio.current_task().cancel()\nawait asyncio.sleep(1)", "cancelled"),
        ("asyncio.get_running_loop().stop()\nawait asyncio.Event().wait()", "raised"),
        ("asyncio.run(asyncio.sleep(1))", "raised"),
    ],
)
def test_a_pipeline_ends_in_many_ways(lines: str, how: str) -> None:
    """Each end has its name, and an exception comes as plain data."""
    code = "async def fails():\n    raise MemoryError\n" + body(lines)
    trace = run(code)
    assert trace.how == how
    if how in ("raised", "memory", "exit"):
        assert trace.end["error"]["type"]


def test_an_error_is_told_with_its_lines() -> None:
    """An exception that leaves the pipeline comes with its words and the module's lines."""
    code = body(
        """
        def inner():
            raise LookupError("nothing there")  # inner
        inner()  # outer
        """
    )
    error = run(code).end["error"]
    assert (error["type"], error["text"]) == ("LookupError", "nothing there")
    assert error["bases"] == ["Exception"]
    assert error["lines"] == [line(code, "outer"), line(code, "inner")]


def test_an_exception_group_is_told_with_what_is_in_it() -> None:
    """The errors within a group come along, each with its lines."""
    code = body(
        """
        async def fail():
            raise ValueError("one")  # here
        async with asyncio.TaskGroup() as group:
            group.create_task(fail())
        """
    )
    trace = run(code)
    [inner] = trace.end["error"]["inner"]
    assert (inner["type"], inner["lines"]) == ("ValueError", [line(code)])
    assert [(event.task, error["type"]) for event, error in trace.died()] == [
        (2, "ValueError"),
        (1, "ExceptionGroup"),
    ]


def test_tasks_left_behind_are_told() -> None:
    """A task that is still there after the end is listed with its line; a cancelled one is not."""
    code = body(
        """
        async def hang():
            await asyncio.Event().wait()  # here
        tasks = [asyncio.create_task(hang()) for _ in range(2)]
        await asyncio.sleep(0)
        tasks[0].cancel()
        """
    )
    trace = run(code)
    assert [(wait.task, wait.line) for wait in trace.left] == [(3, line(code))]
    ending = trace.ending(2)
    assert ending is not None
    assert ending.data[0] == "cancelled"
    assert trace.ending(3) is None


def test_a_task_that_never_rests_is_left_behind_too() -> None:
    """What keeps turning after the end is not waited for."""
    code = body(
        """
        async def spin():
            while True:
                await asyncio.sleep(0)  # here
        asyncio.create_task(spin())
        await asyncio.sleep(0)
        """
    )
    trace = run(code)
    assert [(wait.task, wait.line) for wait in trace.left] == [(2, line(code))]


def test_the_result_is_plain_data() -> None:
    """What the pipeline returns comes as JSON, foreign objects by the names of their types."""
    code = "from collections import Counter\n" + body("return Counter(a=1), (None, {1.5}), {2: 3}")
    assert run(code).result == [{"a": 1}, [None, {"object": "set"}], {}]


def test_hand_made_seeds_are_told() -> None:
    """A line that seeds a random generator during the run is listed; a fresh generator is not."""
    code = "import random\nrandom.seed(1)\n" + body(
        """
        random.Random()
        random.seed()
        random.seed(7)  # seed
        random.Random(8)  # own
        """
    )
    assert run(code).seeds == (line(code, "seed"), line(code, "own"))


# -- consumers --------------------------------------------------------------------------------------


def test_consumers_are_cancelled_when_all_is_quiet() -> None:
    """The scenario ends when nothing moves; then the consumers are cancelled and gone."""
    trace = run(CONSUMER, Consume((Job(1000, 0.2), Job(1001, 0.3)), names=("A", "B")))
    assert (trace.how, trace.clock) == ("quiet", 0.3)
    assert trace.crew == (1, 2)
    assert [trace.label(task) for task in trace.crew] == ["A", "B"]
    assert [wait.inside for wait in trace.waits] == ["Queue.get"] * 2
    assert trace.left == ()
    assert trace.stats == {"consumed": 2, "retried": 0, "failed": 0}
    [quiet], [cancel] = trace.of("quiet"), trace.of("cancel")
    assert (quiet.at, cancel.at) == (0.3, 0.3)


def test_the_lab_watches_the_join() -> None:
    """The moment at which everything was marked done is part of the trace, by a task of the lab's."""
    trace = run(CONSUMER, consume(Job(1000, 0.2), Job(1001, 0.3, at=1.0)))
    [joined] = trace.of("joined")
    assert (joined.at, trace.tasks[joined.task]) == (1.3, "join")
    assert all(wait.task != joined.task for wait in trace.waits)


def test_a_join_that_never_ends_is_no_task_of_the_learners() -> None:
    """A consumer that forgets `task_done()` leaves the join waiting, and nobody is blamed for that."""
    trace = run(CONSUMER.replace("q.task_done()", "pass"), consume(Job(1000)))
    assert trace.how == "quiet"
    assert not trace.of("joined")
    assert [wait.task for wait in trace.waits] == [1]
    assert trace.left == ()


def test_consumers_start_when_they_are_told() -> None:
    """Each consumer has a starting time; the items wait for it."""
    scenario = Consume((Job(1000, 0.1), Job(1001, 0.1)), names=("A", "B"), starts=(0.0, 0.05))
    trace = run(CONSUMER, scenario)
    assert [(one.task, one.start) for one in trace.tries] == [
        (trace.crew[0], 0.0),
        (trace.crew[1], 0.05),
    ]


def test_consumers_can_be_cancelled_early() -> None:
    """At the given time all consumers are cancelled, in the middle of an item or idle."""
    scenario = Consume((Job(1000, 5.0),), names=("A", "B"), cancel=0.5)
    trace = run(CONSUMER, scenario)
    assert [(one.outcome, one.end) for one in trace.tries] == [("cancelled", 0.5)]
    assert [e.at for e in trace.of("cancel")] == [0.5]
    assert trace.how == "quiet"


def test_consumers_that_never_started_are_not_cancelled() -> None:
    """A consumer whose time has not come when all are cancelled is left alone."""
    scenario = Consume((), names=("A", "B"), starts=(0.0, 2.0), cancel=1.0)
    trace = run(CONSUMER, scenario)
    assert trace.how == "quiet"
    assert trace.ending(trace.crew[0]) is not None
    assert [wait.task for wait in trace.left] == [trace.crew[1]]


def test_a_consumer_that_will_not_go_is_left_behind() -> None:
    """One that swallows its cancellation is still there at the end."""
    code = (
        CONSUMER.replace("await q.get()", "await patient(q)  # here")
        + """
async def patient(q):
    while True:
        try:
            return await q.get()
        except asyncio.CancelledError:
            pass
"""
    )
    trace = run(code, consume(Job(1000)))
    assert [wait.inside for wait in trace.left] == ["Queue.get"]


@pytest.mark.parametrize(
    ("raised", "how"),
    [("MemoryError", "memory"), ("SystemExit(1)", "exit"), ("ValueError", "quiet")],
)
def test_a_consumer_that_raises_ends_as_it_deserves(raised: str, how: str) -> None:
    """An ordinary error is the consumer's own end, others are the scenario's."""
    code = CONSUMER.replace("await process_item(item)", f"raise {raised}")
    assert run(code, consume(Job(1000))).how == how


_LOOKS_AGAIN = CONSUMER.replace(
    "item = await q.get()",
    """
        try:
            item = await asyncio.wait_for(q.get(), timeout=0.7)
        except asyncio.TimeoutError:
            continue""",
)
_REPORTS = CONSUMER.replace(
    "    while True:",
    """
    async def report():
        while True:
            await asyncio.sleep(0.7)
    task = asyncio.create_task(report())
    while True:""",
)


@pytest.mark.parametrize("code", [_LOOKS_AGAIN, _REPORTS])
def test_heartbeats_do_not_keep_consumers_from_being_quiet(code: str) -> None:
    """Consumers that only wait for an item are at rest, whatever wakes up now and again."""
    scenario = Consume(
        (Job(1000, 40.0, fails=1), Job(1001, at=300.0)), names=("A", "B"), cancel=None
    )
    trace = run(code, scenario)
    assert trace.how == "quiet"
    assert [one.outcome for one in trace.tries] == ["transient", "ok", "ok"]
    assert trace.clock < 400


@pytest.mark.parametrize("code", [_LOOKS_AGAIN, _REPORTS])
@pytest.mark.parametrize("period", [0.7, 7.5, 12.0, 60.0, 900.0])
def test_a_try_ends_when_it_is_to_end(code: str, period: float) -> None:
    """However long it takes, and whatever wakes up a moment before."""
    seconds = [10_777.123456, 8_000.0 + 3 * period, 4 * period + 9.5]
    jobs = tuple(Job(1000 + n, each, fails=n) for n, each in enumerate(seconds))
    trace = run(code.replace("0.7", f"{period}"), Consume(jobs))
    assert [one.outcome for one in trace.tries] == [
        "ok",
        "transient",
        "ok",
        *["transient"] * 2,
        "ok",
    ]
    for one in trace.tries:
        assert one.end is not None
        assert one.end - one.start == pytest.approx(seconds[one.item], abs=1e-6)


def test_at_rest_all_that_was_planned_has_happened() -> None:
    """A consumer that starts late is waited for, and so is the cancellation."""
    trace = run(_LOOKS_AGAIN, Consume((), names=("A", "B"), starts=(0.0, 50.0), cancel=90.0))
    assert [event.at for event in trace.of("cancel")] == [90.0]
    ends = [(event.task, event.data[0]) for event in trace.of("end") if event.task in trace.crew]
    assert sorted(ends) == [(task, "cancelled") for task in sorted(trace.crew)]


def test_a_consumer_that_polls_is_a_livelock() -> None:
    """The limits hold for consumers too, and the counts are what they were when all was quiet."""
    code = CONSUMER.replace(
        "item = await q.get()",
        """
        if q.empty():
            await asyncio.sleep(0)  # here
            continue
        item = q.get_nowait()""",
    )
    trace = run(code, consume(Job(1000)))
    assert (trace.how, trace.end["line"]) == ("livelock", line(code))
    assert trace.stats is None


def test_foreign_counts_are_plain_data() -> None:
    """Whatever the consumer leaves in `stats`, the trace holds plain data, and further keys."""
    code = CONSUMER.replace(
        'stats["consumed"] += 1', 'stats["consumed"] = object; stats["x"] = [1]'
    )
    trace = run(code, consume(Job(1000)))
    assert trace.stats == {"consumed": {"object": "type"}, "retried": 0, "failed": 0, "x": [1]}


# -- the answer -------------------------------------------------------------------------------------


def test_a_run_that_was_not_played_is_unfinished() -> None:
    """Nothing passes by default: an end that nobody set says so."""
    with Lab() as lab:
        lab.load(body("pass"), "w.py", "w")
        finished = lab.run(script(Pipeline(())))
    assert finished["format"] == FORMAT
    assert Run.__init__.__defaults__ is None
    assert finished["end"] == {"how": "returned"}


def test_an_answer_is_a_trace() -> None:
    """The format that the lab writes is the one that `grader.trace` reads, for every kind of event."""
    code = CONSUMER + body(
        "print(1)\nq = asyncio.Queue(1)\nfor item in items:\n    await work(item)"
    )
    for scenario in (pipeline(), consume(Job(1000))):
        trace: Trace = run(code, scenario)
        assert trace.events
        assert values(trace, "begin")


def test_an_unusual_ending_keeps_the_consumers_numbers() -> None:
    """A consumer that never began has the number 0."""
    scenario: Any = Consume((), names=("A", "B"), starts=(0.0, 99_999.0))
    trace = run(CONSUMER, scenario)
    assert trace.how == "time_limit"
    assert trace.crew == (1, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of a thread's waits")
@pytest.mark.parametrize(
    "wait", ["select.select([], [], [], 0.004)", "threading.Event().wait(0.004)"]
)
def test_waits_that_the_loop_knows_nothing_of(wait: str) -> None:
    """They stop everything for real, while the virtual clock stands still."""
    code = "import select, threading\n" + body(
        f"""
        for _ in range(6):
            await asyncio.sleep(0.1)
            {wait}
        """
    )
    assert run(code, pipeline([])).how == "stalled"


@pytest.mark.parametrize("busy", ["sum(range(200_000))", "b'' .join([b'x' * 4096] * 4096)"])
def test_much_to_do_is_no_wait(busy: str) -> None:
    """A program that works all the time is slow, and waits for nothing."""
    code = body(
        f"""
        for _ in range(12):
            await asyncio.sleep(0.1)
            {busy}
        """
    )
    assert run(code, pipeline([])).how == "returned"
