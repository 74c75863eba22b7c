"""Traces: what is believed, and the questions one asks of it."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course.kit.lesson import Consume, Job, Pipeline
from grader.script import ALWAYS
from grader.trace import Cast, Trace, TraceError
from tests.lab.support import CONSUMER, body, consume, pipeline, raw, run

_ERROR = {"type": "ValueError", "bases": ["Exception"], "text": "no", "lines": [3]}


def _blank(*events: list[Any], **fields: Any) -> dict[str, Any]:
    """A trace as the lab writes it, with these events by tasks 0 to 2."""
    return {
        "format": 2,
        "end": {"how": "returned"},
        "clock": 1.0,
        "tasks": ["lab", "run_pipeline", "Task-2"],
        "crew": [],
        "events": list(events),
        "waits": [],
        "left": [],
        "unawaited": [],
        "seeds": [],
        "stats": None,
        "result": None,
        "deterministic": True,
    } | fields


def _trace(*events: list[Any], **fields: Any) -> Trace:
    return Trace(_blank(*events, **fields), ["a", "b"])


# -- what is believed -------------------------------------------------------------------------------


def test_an_empty_trace_is_one() -> None:
    """Nothing need have happened."""
    trace = _trace()
    assert (trace.how, trace.clock, trace.events, trace.tries) == ("returned", 1.0, (), ())
    assert trace.deterministic


@pytest.mark.parametrize("field", [key for key in _blank() if key != "items"])
def test_an_incomplete_trace_is_not_believed(field: str) -> None:
    """Every field has to be there, of its own type."""
    data = _blank()
    del data[field]
    with pytest.raises(TraceError):
        Trace(data, ["a"])
    if field not in ("result", "deterministic"):
        with pytest.raises(TraceError):
            Trace(_blank(**{field: object()}), ["a"])


@pytest.mark.parametrize(
    "event",
    [
        5,
        [],
        "print",
        [0.0, 1, "print", 3],
        [0.0, 1, "print", 3, "x", None, None],
        [0.0, 1, "print", 3, 5, None],
        [0.0, 1, "print", 3, None, None],
        [0.0, 1, "print", 3.5, "x", None],
        [0.0, 1, "no such kind", 3],
        [0.0, 1, [], 3],
        [0.0, True, "quiet", None],
        [True, 1, "quiet", None],
        ["0", 1, "quiet", None],
        [0.0, 3, "quiet", None],
        [0.0, -1, "quiet", None],
        [-0.1, 1, "quiet", None],
        [math.nan, 1, "quiet", None],
        [math.inf, 1, "quiet", None],
        [10**400, 1, "quiet", None],
        [0.0, 1, "take", None, 2],
        [0.0, 1, "take", None, -1],
        [0.0, 1, "take", None, True],
        [0.0, 1, "put", None, 1, 1, 2],
        [0.0, 1, "get", None, 1, 1, -1],
        [0.0, 1, "put_wait", None, 1, 2],
        [0.0, 1, "begin", None, 7, 1, 0],
        [0.0, 1, "finish", None, 0, 1, "ok", 0],
        [0.0, 1, "timer", None, math.nan],
        [0.0, 1, "timer", None, -math.inf],
        [0.0, 1, "blocked", None, math.inf],
        [0.0, 1, "spawn", None, 3],
        [0.0, 1, "end", None, "raised", {}],
        [0.0, 1, "end", None, "raised", _ERROR | {"lines": ["3"]}],
        [0.0, 1, "end", None, "raised", _ERROR | {"text": None}],
        [0.0, 1, "end", None, "raised", _ERROR | {"inner": [{}]}],
        [0.0, 1, "end", None, "raised", _ERROR | {"inner": None}],
    ],
)
def test_an_impossible_event_is_not_believed(event: Any) -> None:
    """An event has the types, the task, the item and the time of one, or the trace is none."""
    with pytest.raises(TraceError, match="what came back is no trace"):
        _trace(event)


@pytest.mark.parametrize(
    "events",
    [
        [[0.5, 1, "quiet", None], [0.4, 1, "quiet", None]],
        [[0.0, 1, "begin", 1, 0, 1, 0], [0.0, 1, "begin", 1, 0, 1, 0]],
        [
            [0.0, 1, "begin", 1, 0, 1, 0],
            [0.0, 1, "finish", 1, 0, 1, "ok", 0],
            [0.0, 1, "finish", 1, 0, 1, "ok", 0],
        ],
    ],
)
def test_an_impossible_order_is_not_believed(events: list[Any]) -> None:
    """Time does not go back, and a try begins and ends once."""
    with pytest.raises(TraceError):
        _trace(*events)
    assert len(_trace(*events[:-1]).events) == len(events) - 1


@pytest.mark.parametrize(
    "fields",
    [
        {"format": 1},
        {"format": "1"},
        {"end": {"how": 5}},
        {"end": {"how": "raised"}},
        {"end": {"how": "raised", "error": {"type": 5}}},
        {"end": {"how": "memory", "error": "much"}},
        {"clock": "1"},
        {"tasks": ["lab", 1]},
        {"crew": [3]},
        {"crew": ["1"]},
        {"waits": [{"task": 3, "line": 1, "in": "x"}]},
        {"waits": [{"task": 1, "line": "1", "in": "x"}]},
        {"waits": [{"task": 1, "in": "x"}]},
        {"left": [{"task": 1, "line": 1, "in": None}]},
        {"unawaited": [["sleep"]]},
        {"unawaited": [[5, 5]]},
        {"seeds": ["5"]},
        {"stats": [1]},
    ],
)
def test_impossible_facts_are_not_believed(fields: dict[str, Any]) -> None:
    """The rest of a trace is checked as closely as its events."""
    with pytest.raises(TraceError):
        _trace(**fields)


def test_only_true_is_deterministic() -> None:
    """Anything else in that field counts as false."""
    assert not _trace(deterministic=1).deterministic


@pytest.mark.parametrize("answer", [None, [], "trace", 5, {}])
def test_no_answer_at_all_is_not_believed(answer: Any) -> None:
    """What is not even an object is no trace."""
    with pytest.raises(TraceError):
        Trace(answer)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)
_SAMPLE = raw(
    CONSUMER + body("raise ValueError"),
    Consume((Job(1000, fails=1), Job(1001, error="KeyError")), options={"attempts": 3}),
)


@given(st.data())
def test_a_garbled_trace_raises_nothing_else(data: st.DataObject) -> None:
    """Whatever is put into whichever place, it is either a trace that answers, or a `TraceError`."""
    answer = copy.deepcopy(_SAMPLE)
    owner: Any = answer
    while True:
        keys = list(owner) if isinstance(owner, dict) else list(range(len(owner)))
        key = data.draw(st.sampled_from(keys))
        inner = owner[key]
        if not (isinstance(inner, dict | list) and inner) or data.draw(st.booleans()):
            break
        owner = inner
    owner[key] = data.draw(_JSON)
    try:
        trace = Trace(answer, [1000, 1001])
    except TraceError:
        return
    _ask_everything(trace)


def _ask_everything(trace: Trace) -> None:
    list(trace.instants())
    assert len(trace.retries) <= len(trace.tries)
    for number in range(len(trace.tasks)):
        trace.label(number)
        trace.ending(number)
    for step in (*trace.puts, *trace.gets, *trace.dones):
        trace.name(step.item)
    for item in range(len(trace.items)):
        trace.retries_of(item)
        trace.tries_of(item)
    assert len([*trace.prints, *trace.blocked, *trace.taken, *trace.died()]) <= len(trace.events)


def test_the_labs_answers_are_traces() -> None:
    """What the lab writes is believed as it is, after a journey as JSON text too."""
    assert Trace(json.loads(json.dumps(_SAMPLE)), [1000, 1001]).how == "quiet"


# -- questions --------------------------------------------------------------------------------------


def test_tries_have_their_beginning_and_end() -> None:
    """Tries come in the order in which they began, with place, times, outcome and position."""
    trace = run(CONSUMER, Consume((Job(1000, 0.1, fails=1), Job(1001, 5.0)), cancel=1.0))
    first, second, third = trace.tries
    assert (first.item, first.number, first.start, first.end, first.outcome) == (
        0,
        1,
        0.0,
        0.1,
        "transient",
    )
    assert (second.number, second.outcome, second.task) == (2, "ok", trace.crew[0])
    assert (third.item, third.outcome, third.end) == (1, "cancelled", 1.0)
    assert first.end_order is not None
    assert trace.events[first.order].kind == "begin"
    assert trace.events[first.end_order].kind == "finish"
    assert trace.tries_of(0) == [first, second]
    assert trace.tries_of(7) == []


def test_a_try_may_never_end() -> None:
    """A try that nothing ended has neither end nor outcome, and leads to no retry."""
    trace = _trace([0.0, 1, "begin", 4, 0, 1, 0], [0.5, 1, "begin", 4, 0, 2, 0])
    assert [(one.end, one.outcome) for one in trace.tries] == [(None, None)] * 2
    assert trace.retries == ()


def test_retries_are_the_pauses_between_tries() -> None:
    """A pause runs from the end of a failed try to the start of the next, exactly."""
    code = CONSUMER.replace(
        'stats["retried"] += attempt + 1 < attempts', "await asyncio.sleep(0.1 * (attempt + 1))"
    )
    scenario = consume(Job(1000, 0.05, fails=2), Job(1001, 0.05, fails=ALWAYS), attempts=3)
    trace = run(code, scenario)
    assert [(r.item, r.number, r.pause) for r in trace.retries] == [
        (0, 1, 0.1),
        (0, 2, 0.2),
        (1, 1, 0.1),
        (1, 2, 0.2),
    ]
    assert [r.start for r in trace.retries_of(0)] == [0.05, 0.2]
    assert {r.task for r in trace.retries} == set(trace.crew)


def test_time_passes_between_instants() -> None:
    """Each moment after which time passes comes with the number of events until then."""
    trace = _trace(
        [0.0, 1, "quiet", None],
        [0.0000004, 1, "quiet", None],
        [0.5, 1, "quiet", None],
        [0.5, 1, "quiet", None],
        [1.0, 1, "quiet", None],
    )
    assert list(trace.instants()) == [(0.0000004, 2), (0.5, 4), (1.0, 5)]
    assert list(_trace().instants()) == []


def test_queues_tell_what_went_in_and_out() -> None:
    """Puts, gets and done marks come with queue, size, item and position."""
    code = body(
        """
        q = asyncio.Queue(2)
        for item in items:
            await q.put(item)
            await q.get()
            q.task_done()
        """
    )
    trace = run(code, pipeline(1000, 1001))
    assert [(s.queue, s.size, s.item) for s in trace.puts] == [(1, 1, 0), (1, 1, 1)]
    assert [(s.queue, s.size, s.item) for s in trace.gets] == [(1, 0, 0), (1, 0, 1)]
    assert [(s.queue, s.size, s.item) for s in trace.dones] == [(1, 0, None), (1, 0, None)]
    assert [trace.events[s.order].kind for s in (*trace.puts, *trace.dones)] == [
        "put",
        "put",
        "done",
        "done",
    ]


def test_tasks_that_died_come_with_their_errors() -> None:
    """Only what ended by an exception has died; how each task ended can be asked."""
    code = body(
        """
        async def fails():
            raise KeyError("gone")
        async def waits():
            await asyncio.Event().wait()
        tasks = [asyncio.create_task(fails()), asyncio.create_task(waits())]
        await asyncio.sleep(1)
        """
    )
    trace = run(code)
    assert [(event.task, error["text"]) for event, error in trace.died()] == [(2, "'gone'")]
    endings = [trace.ending(task) for task in range(4)]
    assert [ending and ending.data[0] for ending in endings] == [None, "returned", "raised", None]


def test_tasks_are_called_by_their_parts() -> None:
    """Who takes items is the producer, who works on them is a consumer, others keep their names."""
    code = body(
        """
        async def produce(q):
            for item in items:
                await q.put(item)
        async def eat(q):
            await work(await q.get())
        q = asyncio.Queue()
        async with asyncio.TaskGroup() as group:
            group.create_task(produce(q))
            group.create_task(eat(q))
            group.create_task(asyncio.sleep(0), name="idler")
            group.create_task(eat(q))
        """
    )
    trace = run(code)
    assert [trace.label(task) for task in range(6)] == [
        "lab",
        "run_pipeline",
        "producer",
        "C1",
        "idler",
        "C2",
    ]


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (("chef", None), ["chef", "C1"]),
        (("chef", "chef"), ["C1", "C2"]),
        (("producer", "cook"), ["C1", "C2"]),
    ],
)
def test_tasks_keep_the_names_that_they_were_given(
    names: tuple[str | None, ...], shown: list[str]
) -> None:
    """A learner finds them again: unless two are the same, as in two runs, or mean something else."""
    code = body(
        f"""
        async def produce(q):
            for item in items:
                await q.put(item)
        async def eat(q):
            await work(await q.get())
        q = asyncio.Queue()
        async with asyncio.TaskGroup() as group:
            group.create_task(produce(q))
            for name in {names!r}:
                group.create_task(eat(q), name=name)
        """
    )
    assert [run(code).label(task) for task in (2, 3, 4)] == ["producer", *shown]


def test_who_empties_the_queue_is_no_consumer() -> None:
    """The task that was called may take out what is left: its lane has its own name, and comes first."""
    code = body(
        """
        async def produce(q):
            for item in items:
                await q.put(item)
        async def eat(q):
            await work(await q.get())
        q = asyncio.Queue()
        async with asyncio.TaskGroup() as group:
            group.create_task(produce(q))
            group.create_task(eat(q))
        while not q.empty():
            q.get_nowait()
        """
    )
    cast = Cast(run(code))
    assert [cast.name(task) for task in cast.tasks()] == ["run_pipeline", "producer", "C1"]


@pytest.mark.parametrize(
    ("inside", "place"),
    [
        ("Queue.join", "Queue.join"),
        ("Lock.__aenter__", "async with"),
        ("TaskGroup.__aexit__", "async with, at its end"),
    ],
)
def test_where_tasks_wait(inside: str, place: str) -> None:
    """Told as it is written: nobody calls a method with underscores."""
    waits = [{"task": task, "line": 7, "in": inside} for task in (1, 2)]
    trace = _trace(waits=waits, tasks=["lab", "run_pipeline", "Task-2"])
    assert trace.waiting(trace.waits) == {(place, 7): ["run_pipeline", "Task-2"]}


def test_a_task_that_waits_for_another_shares_its_lane() -> None:
    """A get in a task of its own is its consumer's; so is it where that one never gets anything."""
    code = body(
        """
        async def produce(q):
            for item in items:
                await q.put(item)
        async def eat(q):
            while True:
                getting = asyncio.create_task(q.get())
                await asyncio.wait({getting})
                await work(getting.result())
        q = asyncio.Queue()
        made = [asyncio.create_task(produce(q))]
        made += [asyncio.create_task(eat(q)) for _ in range(6)]
        await asyncio.sleep(1)
        await asyncio.create_task(q.join())
        """
    )
    trace = run(code)
    cast = Cast(trace)
    names = [cast.name(task) for task in cast.tasks()]
    assert names == ["run_pipeline", "producer", *(f"C{number}" for number in range(1, 7))]
    assert {trace.label(step.task) for step in trace.gets} <= set(names[2:])
    assert [trace.label(event.task) for event in trace.of("join")] == ["run_pipeline"]


def test_consumers_are_called_by_their_names() -> None:
    """A consumer's name is its own, and that of the tasks that make its calls."""
    code = CONSUMER.replace(
        "await process_item(item)", "await asyncio.create_task(process_item(item))"
    )
    trace = run(code, Consume((Job(1000),), names=("Ann",)))
    assert trace.label(trace.crew[0]) == "Ann"
    assert trace.tries[0].task not in trace.crew
    assert trace.label(trace.tries[0].task) == "Ann"


def test_a_list_of_items_is_as_python_shows_it() -> None:
    """A text is told from a number, an empty one from nothing; of many some are counted."""
    items = ["tea", "", 7, [7, 8], *range(300, 306)]
    trace = Trace(_blank(), items)
    assert trace.listed([0, 1, 2, 3]) == "'tea', '', 7, [7, 8]"
    assert trace.listed(range(10)) == "'tea', '', 7, [7, 8], 300, 301 and 4 more"
    assert trace.listed(range(7)).endswith("302")  # one more takes no more room than its count
    assert trace.listed([]) == ""


def test_items_are_called_as_they_print() -> None:
    """An item has its own name; anything else is something else."""
    trace = _trace()
    assert [trace.name(item) for item in (0, 1, None)] == ["a", "b", "something else"]
    assert run(body("pass"), Pipeline((Job(1000),))).name(0) == "1000"


@pytest.mark.parametrize(
    ("ask", "kind"),
    [
        (lambda trace: trace.prints, "print"),
        (lambda trace: trace.blocked, "blocked"),
        (lambda trace: trace.taken, "take"),
    ],
)
def test_each_question_finds_its_own_events(ask: Callable[[Trace], Any], kind: str) -> None:
    """Prints, stops and takes are the events of these kinds, in order."""
    code = "import time\n" + body(
        """
        for item in items:
            print(item)
            time.sleep(0.1)
        """
    )
    trace = run(code)
    assert [one.at for one in ask(trace)] == [event.at for event in trace.of(kind)]
    assert len(ask(trace)) == 4
