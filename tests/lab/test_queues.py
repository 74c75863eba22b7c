"""Recorded queues: every item that moves, whatever kind of queue it moves through."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.course.kit.lesson import Job, Pipeline
from grader.lab import Lab
from tests.lab.support import CONSUMER, body, consume, line, pipeline, raw, run, script, values

_OPERATIONS = st.lists(st.sampled_from(["put", "get", "done", "other"]), max_size=40)

_PLAYED = """
import asyncio

async def run_pipeline(items, work):
    q = asyncio.KIND(MAXSIZE)
    said = []
    for what in OPERATIONS:
        try:
            if what == "put":
                q.put_nowait(next(items))
            elif what == "other":
                q.put_nowait(10 ** 9)
            elif what == "get":
                q.get_nowait()
            else:
                q.task_done()
        except (asyncio.QueueFull, asyncio.QueueEmpty, ValueError) as error:
            said.append(type(error).__name__)
    return said
"""


@settings(max_examples=60)
@given(_OPERATIONS, st.sampled_from(["Queue", "LifoQueue", "PriorityQueue"]), st.integers(0, 4))
def test_the_record_agrees_with_the_queue(operations: list[str], kind: str, maxsize: int) -> None:
    """For any operations the events give each item's place, the size then, and what is undone."""
    code = _PLAYED.replace("KIND", kind).replace("MAXSIZE", str(maxsize))
    trace = run(code.replace("OPERATIONS", repr(operations)), pipeline(*range(1000, 1041)))

    held: list[int | None] = []
    undone, taken = 0, 0
    expected: list[tuple[Any, ...]] = [("queue", 1, maxsize)]
    for what in operations:
        if what in ("put", "other"):
            item = taken if what == "put" else None
            taken += what == "put"
            if not maxsize or len(held) < maxsize:
                held.append(item)
                undone += 1
                expected.append(("put", 1, len(held), item))
        elif what == "get" and held:
            place = {"Queue": 0, "LifoQueue": -1}.get(kind)
            if place is None:
                place = min(range(len(held)), key=lambda n: (held[n] is None, held[n] or 0))
            item = held.pop(place)
            expected.append(("get", 1, len(held), item))
        elif what == "done":
            undone -= 1
            expected.append(("done", 1, undone))
            undone = max(undone, 0)
    kinds = ("queue", "put", "get", "done")
    assert [(event.kind, *event.data) for event in trace.of(*kinds)] == expected
    assert len(trace.taken) == taken


def test_waiting_in_put_and_get_is_recorded() -> None:
    """Who has to wait for room or for an item is noted, with item and line."""
    code = body(
        """
        q = asyncio.Queue(1)
        async def getter():
            for _ in range(3):
                await q.get()  # get
                await asyncio.sleep(1)
        task = asyncio.create_task(getter())
        await asyncio.sleep(0)
        for item in items:
            await q.put(item)  # put
        """
    )
    trace = run(code, pipeline(1000, 1001, 1002))
    waits = [(e.at, e.kind, e.line, *e.data) for e in trace.of("put_wait", "get_wait")]
    assert waits == [
        (0.0, "get_wait", line(code, "get"), 1),
        (0.0, "put_wait", line(code, "put"), 1, 1),
        (0.0, "put_wait", line(code, "put"), 1, 2),
    ]
    first = trace.puts[0]
    assert (first.at, first.size, first.item, first.line) == (0.0, 1, 0, line(code, "put"))


def test_join_is_recorded_with_what_is_unfinished() -> None:
    """`join` notes how much is unfinished when it is called, and when it returns."""
    code = body(
        """
        q = asyncio.Queue()
        q.put_nowait(1)
        q.put_nowait(2)
        async def finish():
            for _ in range(2):
                await q.get()
                await asyncio.sleep(1)
                q.task_done()
        task = asyncio.create_task(finish())
        await q.join()  # here
        """
    )
    trace = run(code)
    joins = [(e.at, e.kind, e.line, *e.data) for e in trace.of("join", "joined")]
    assert [joined[:2] for joined in joins] == [(0.0, "join"), (2.0, "joined")]
    assert joins[0][2:] == (line(code), 1, 2)
    assert joins[1][3:] == (1, 0)


def test_one_done_too_many_is_minus_one() -> None:
    """A `task_done()` with nothing left raises as ever, and is recorded as -1."""
    code = body(
        """
        q = asyncio.Queue()
        try:
            q.task_done()  # here
        except ValueError as error:
            return str(error)
        """
    )
    trace = run(code)
    assert "too many times" in trace.result
    [done] = trace.dones
    assert (done.size, done.line) == (-1, line(code))


@pytest.mark.parametrize(
    "make",
    ["Queue()", "asyncio.Queue()", "Sub(3)", "asyncio.Queue[int](3)", "Lifo(maxsize=3)"],
)
def test_every_way_to_make_a_queue_is_recorded(make: str) -> None:
    """Names taken early, subclasses and generic aliases lead to recorded queues all the same."""
    head = "from asyncio import Queue, LifoQueue as Lifo\nclass Sub(Queue):\n    extra = 1\n"
    code = head + body(f"q = {make}\nq.put_nowait(next(items))\nq.get_nowait()")
    trace = run(code)
    assert len(trace.of("queue")) == len(trace.puts) == len(trace.gets) == 1
    assert trace.puts[0].item == 0


def test_several_queues_have_numbers() -> None:
    """Each queue of a scenario has a number of its own, from 1 in each scenario."""
    code = body("a, b = asyncio.Queue(), asyncio.Queue(5)\nb.put_nowait(1)\na.put_nowait(1)")
    with Lab() as lab:
        lab.load(code, "w.py", "w")
        for _ in range(2):
            events = lab.run(script())["events"]
            assert [e[4:] for e in events if e[2] == "queue"] == [[1, 0], [2, 5]]
            assert [e[4] for e in events if e[2] == "put"] == [2, 1]


@pytest.mark.parametrize(
    ("maxsize", "bound"),
    [
        ("3", 3),
        ("2.5", 3),
        ("True", 1),
        ("0", 0),
        ("-1", 0),
        ("float('inf')", 0),
        ("float('nan')", 0),
        ("10 ** 30", 0),
        ("'3'", 0),
        ("None", 0),
        ("object()", 0),
        ("Odd(3)", 0),
    ],
)
def test_any_bound_is_recorded_as_a_number(maxsize: str, bound: int) -> None:
    """Whatever a queue is given for its bound, the trace holds how many items it takes."""
    code = "class Odd(int): pass\n" + body(f"asyncio.Queue({maxsize})")
    assert values(run(code), "queue") == [(1, bound)]


def test_a_subclass_cannot_lie_about_its_size() -> None:
    """The size in the trace is how many items wait, not what an overridden `qsize` says."""
    code = (
        "import asyncio\nclass Mine(asyncio.Queue):\n    def qsize(self): return 'many'\n"
        + body(
            """
        q = Mine()
        q.put_nowait(1)
        print("size")
        q.get_nowait()
        """
        )
    )
    trace = run(code)
    assert [step.size for step in (*trace.puts, *trace.gets)] == [1, 0]
    assert trace.prints[0].size == 1


@pytest.mark.parametrize(("size", "seen"), [("len(self.items)", [1, 0]), ("'?'", [-1, -1])])
def test_a_subclass_may_keep_its_items_elsewhere(size: str, seen: list[int]) -> None:
    """A queue with a storage of its own is asked for its size, which has to be a whole number."""
    code = (
        "import asyncio\n"
        f"""
class Mine(asyncio.Queue):
    def _init(self, maxsize): self.items = []
    def _put(self, item): self.items.append(item)
    def _get(self): return self.items.pop()
    def empty(self): return not self.items
    def full(self): return False
    def qsize(self): return {size}
""" + body("q = Mine()\nq.put_nowait(1)\nq.get_nowait()")
    )
    trace = run(code)
    assert [step.size for step in (*trace.puts, *trace.gets)] == seen


def test_queues_of_asyncio_itself_are_not_recorded() -> None:
    """The queue inside `as_completed` is none of the module's."""
    code = body(
        """
        for first in asyncio.as_completed([asyncio.sleep(n) for n in range(3)]):
            await first
        """
    )
    assert not run(code).of("queue", "put", "get", "get_wait")


def test_queues_from_before_the_scenario_are_not_recorded() -> None:
    """A queue made at import belongs to no scenario."""
    code = "import asyncio\nq = asyncio.Queue()\n" + body(
        """
        q.put_nowait(1)
        await q.put(2)
        await q.get()
        q.task_done()
        q.get_nowait()
        q.task_done()
        await q.join()
        try:
            q.task_done()
        except ValueError:
            return "as ever"
        """
    )
    trace = run(code)
    assert trace.result == "as ever"
    assert not trace.of("queue", "put", "get", "done", "join")


def test_wrapped_methods_look_like_themselves() -> None:
    """While a lab is open the methods keep their names and docstrings, and are undone after it."""
    before = {name: vars(asyncio.Queue)[name] for name in ("__init__", "put", "task_done", "join")}
    with Lab():
        for name, method in before.items():
            wrapped = vars(asyncio.Queue)[name]
            assert wrapped is not method
            assert wrapped.__qualname__ == method.__qualname__
            assert wrapped.__doc__ == method.__doc__
    assert {name: vars(asyncio.Queue)[name] for name in before} == before


def test_the_consumers_queue_is_recorded() -> None:
    """The queue that consumers are handed is number 1, and is filled as the jobs say."""
    trace = run(CONSUMER, consume(Job(1000), Job(1001, at=0.5)))
    assert values(trace, "queue") == [(1, 0)]
    assert [(step.at, step.task, step.size, step.item) for step in trace.puts] == [
        (0.0, 0, 1, 0),
        (0.5, 0, 1, 1),
    ]
    assert values(trace, "joined") == [(1, 0)]


@pytest.mark.skipif(sys.version_info < (3, 13), reason="shutdown() came with 3.13")
def test_a_shut_down_queue_is_recorded_up_to_its_end() -> None:
    """`shutdown()` ends those who wait in `get`; nothing false is recorded."""
    code = body(
        """
        q = asyncio.Queue(2)
        q.put_nowait(next(items))
        q.shutdown()
        await q.get()
        try:
            await q.get()
        except asyncio.QueueShutDown:
            return len(items_left := list(items))
        """
    )
    trace = run(code)
    assert trace.result == 3
    assert (len(trace.puts), len(trace.gets)) == (1, 1)


def test_own_queue_class_in_asyncios_place_does_not_reach_the_lab() -> None:
    """A module that puts a class of its own in `asyncio.Queue`'s place gets the real one."""
    code = CONSUMER + "class Fake:\n    pass\nasyncio.Queue = Fake\n"
    real = asyncio.Queue
    try:
        trace = raw(code, consume(Job(1000)))
    finally:
        asyncio.Queue = real  # type: ignore[misc]  # what the module did to it
    assert trace["end"] == {"how": "quiet"}
    assert trace["stats"]["consumed"] == 1


def test_nothing_is_recorded_between_scenarios() -> None:
    """A queue that outlives its scenario is silent afterwards."""
    with Lab() as lab:
        lab.load(body("globals()['q'] = asyncio.Queue()"), "w.py", "w")
        answer = lab.run(script(Pipeline(())))
        count = len(answer["events"])
        assert lab.module is not None
        lab.module.q.put_nowait(1)
        lab.module.q.get_nowait()
        assert len(answer["events"]) == count
