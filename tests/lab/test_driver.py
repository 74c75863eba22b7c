"""Loading a module, and running the two kinds of scenario on it, to every kind of end."""

from __future__ import annotations

import asyncio
import random
import time
from typing import Any

import pytest

from grader.lab import Lab
from grader.lab.driver import FORMAT, _Run
from grader.scenario import Consume, Job, Pipeline, Scenario
from grader.trace import Trace
from tests.lab.support import CONSUMER, body, consume, line, load, pipeline, run, values

# -- loading ----------------------------------------------------------------------------------------


def test_a_module_loads_under_its_name() -> None:
    """Name, file and `__main__` guard are as for an import; dataclasses find their module."""
    code = """
from __future__ import annotations
from dataclasses import dataclass
import sys

@dataclass
class Point:
    x: int
    y: list[int] | None = None

names = [__name__, __file__, sys.modules[__name__].Point is Point]
if __name__ == "__main__":
    raise SystemExit("the demo")
"""
    trace = run(code + body("return names"))
    assert trace.result == ["work", "exercises/work.py", True]


def test_a_syntax_error_has_its_line() -> None:
    """A module that does not compile is told by line, column and words."""
    code = "x = 1\ndef f(:  # here\n"
    answer = load(code)
    error = answer["error"]
    assert (answer["loaded"], answer["how"], error["type"]) == (False, "import", "SyntaxError")
    assert error["lines"] == [line(code)]
    assert error["column"] == 7
    assert error["text"]


def test_a_syntax_error_of_another_file_is_told_by_the_line_that_met_it() -> None:
    """When the module compiles other text in vain, its own line is the one that counts."""
    code = "x = 1\ncompile('1 +', 'other.py', 'exec')  # here\n"
    assert load(code)["error"]["lines"] == [line(code)]


@pytest.mark.parametrize(
    ("code", "how", "kind"),
    [
        ("import no_such_module", "import", "ModuleNotFoundError"),
        ("1 / 0", "import", "ZeroDivisionError"),
        ("raise KeyboardInterrupt", "import", "KeyboardInterrupt"),
        ("import sys\nsys.exit(0)", "exit", "SystemExit"),
        ("quit()", "exit", "SystemExit"),
        ("raise MemoryError", "memory", "MemoryError"),
        ("x = '\\0'\n\0", "import", None),
    ],
)
def test_a_module_that_cannot_be_loaded_says_why(code: str, how: str, kind: str | None) -> None:
    """Whatever an import ends with is told as plain data, with the lines it passed through."""
    answer = load(code)
    assert (answer["loaded"], answer["how"]) == (False, how)
    if kind is not None:
        assert answer["error"]["type"] == kind
        assert answer["error"]["lines"] == [len(code.splitlines())]


def test_a_lab_that_has_nothing_loaded_finds_nothing() -> None:
    """A scenario without a module ends as one whose function is missing."""
    with Lab() as lab:
        assert lab.run(Pipeline(()))["end"] == {"how": "missing", "detail": "run_pipeline"}


# -- signatures -------------------------------------------------------------------------------------

_GOOD_PIPELINES = {
    "plain": "async def run_pipeline(items, work, *, consumers=3, maxsize=3): return BODY",
    "keywords only": "async def run_pipeline(*, items, work, consumers, maxsize): return BODY",
    "positional only": "async def run_pipeline(items, work, /, **options): return BODY",
    "anything": "async def run_pipeline(*values, **options):\n    items, work = values; return BODY",
    "object": "class Run:\n    async def __call__(self, items, work, *, consumers, maxsize):\n"
    "        return BODY\nrun_pipeline = Run()",
    "plain def": "async def inner(items): return BODY\n"
    "def run_pipeline(items, work, consumers, maxsize): return inner(items)",
    "future": "import asyncio\nasync def inner(items): return BODY\n"
    "def run_pipeline(items, work, **o): return asyncio.ensure_future(inner(items))",
    "awaitable": "class Run:\n    def __init__(self, items, work, **options): self.items = items\n"
    "    def __await__(self):\n        items = self.items\n        return BODY\n        yield\n"
    "run_pipeline = Run",
    "no signature": "async def inner(items): return BODY\nclass Odd:\n    __signature__ = 'none'\n"
    "    def __call__(self, items, work, **o): return inner(items)\nrun_pipeline = Odd()",
    "partial": "import functools\nasync def inner(extra, items, work, **o): return BODY\n"
    "run_pipeline = functools.partial(inner, None)",
}


@pytest.mark.parametrize("kind", _GOOD_PIPELINES)
def test_whatever_takes_the_call_will_do(kind: str) -> None:
    """Any callable that accepts the call and gives something to await is run."""
    code = _GOOD_PIPELINES[kind].replace("BODY", "list(items)")
    trace = run(code, pipeline(1000, 1001, consumers=2, maxsize=1))
    assert (trace.how, trace.result) == ("returned", [1000, 1001])


def test_the_second_parameter_goes_by_its_exercises_name() -> None:
    """With `attempts` among the options the service is called `process_item`, else `work`."""
    code = (
        "async def run_pipeline(*, items, process_item, attempts): return process_item is not None"
    )
    assert run(code, pipeline(1000, attempts=4)).result is True
    assert run(code, pipeline(1000)).how == "signature"


@pytest.mark.parametrize(
    ("code", "how", "detail"),
    [
        ("", "missing", "run_pipeline"),
        ("run_pipeline = None", "missing", "run_pipeline"),
        ("run_pipeline = 5", "signature", "run_pipeline is not a function but an object of type"),
        ("async def run_pipeline(items): pass", "signature", "too many positional arguments"),
        ("async def run_pipeline(items, work): pass", "signature", "unexpected keyword argument"),
        ("def run_pipeline(items, work, maxsize): pass", "signature", "gives None, nothing to"),
        ("def run_pipeline(items, work, maxsize): return 5", "signature", "an object of type int"),
        ("class run_pipeline:\n    def __init__(*a, **o): pass", "signature", "nothing to await"),
        ("async def run_pipeline(items, work, maxsize): yield", "signature", "async generator"),
        ("def run_pipeline(items, work, maxsize): yield", "signature", "an object of type gen"),
    ],
)
def test_what_cannot_be_called_says_why(code: str, how: str, detail: str) -> None:
    """A function that is missing, takes other arguments, or gives nothing to await is told."""
    trace = run(code, pipeline(1000, maxsize=3))
    assert trace.how == how
    assert detail in trace.end["detail"]


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("", "missing"),
        ("async def consumer(name, q, process_item): pass", "signature"),
        ("def consumer(name, q, process_item, stats, **o): pass", "signature"),
        ("async def consumer(name, q, process_item, stats, **o): yield", "signature"),
    ],
)
def test_a_consumer_that_cannot_be_called_says_why(code: str, how: str) -> None:
    """The same for consumers, also when only awaiting shows it."""
    assert run(code, consume(Job(1000))).how == how


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
    assert trace.consumers == (1, 2)
    assert [trace.label(task) for task in trace.consumers] == ["A", "B"]
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
        (trace.consumers[0], 0.0),
        (trace.consumers[1], 0.05),
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
    assert trace.ending(trace.consumers[0]) is not None
    assert [wait.task for wait in trace.left] == [trace.consumers[1]]


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
        finished = lab.run(Pipeline(()))
    assert finished["format"] == FORMAT
    assert _Run.__init__.__defaults__ is None
    assert finished["end"] == {"how": "returned"}


def test_a_module_is_run_any_number_of_times() -> None:
    """Scenarios of one module do not disturb each other, whatever their ends."""
    code = CONSUMER + body(
        """
        for item in items:
            if item == 1001:
                await asyncio.Event().wait()
            if item == 1002:
                raise ValueError
            await work(item)
        """
    )
    scenarios: list[Scenario] = [
        pipeline(1000),
        pipeline(1001),
        pipeline(1002),
        consume(Job(1000)),
    ]
    with Lab() as lab:
        assert lab.load(code, "w.py", "w")["loaded"]
        rounds = [[lab.run(one) for one in scenarios] for _ in range(3)]
    assert rounds[0] == rounds[1] == rounds[2]
    assert [one["end"]["how"] for one in rounds[0]] == ["returned", "deadlock", "raised", "quiet"]


def test_between_scenarios_nothing_is_recorded() -> None:
    """What happens in the process while no scenario runs is no part of any trace."""
    with Lab() as lab:
        lab.load(body("pass"), "w.py", "w")
        first = lab.run(pipeline())
        time.sleep(5)
        random.seed(1)
        asyncio.Queue[int]().put_nowait(1)
        second = lab.run(pipeline())
    assert first == second


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
    scenario: Any = Consume((), names=("A", "B"), starts=(0.0, 9_999.0))
    trace = run(CONSUMER, scenario)
    assert trace.how == "time_limit"
    assert trace.consumers == (1, 0)
