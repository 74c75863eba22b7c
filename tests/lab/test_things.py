"""What a script hands over, beyond the lesson's pipeline: each thing once, as a script of its own."""

from __future__ import annotations

import math
from typing import Any

import pytest

from grader.course.kit.contract import Contract, Signature
from grader.course.kit.world import Scenario, World
from grader.script import Own, Plan, Rule, Script
from grader.trace import Trace, contradiction
from tests.lab.support import run, values

CONTRACT = Contract({"main": Signature(("items", "work"))})


def _script(play: Any) -> Script:
    class Once(Scenario):
        def play(self, world: World) -> None:
            play(world)

    return Once().script(CONTRACT)


def _played(code: str, play: Any) -> Trace:
    """The trace of a module in which `play` says what happens; nothing in it is impossible."""
    script = _script(play)
    trace = run("import asyncio\n" + code, script)
    assert contradiction(trace, script) is None
    return trace


# -- sources ------------------------------------------------------------------------------------------


def test_an_async_source_has_its_items_at_their_times() -> None:
    """Each is waited for; taken late, it is there at once."""

    def play(world: World) -> None:
        items = world.items([1000, 1001, 1002])
        world.call("main", world.source(items, times=(0.0, 0.5, 0.6)), None)

    code = "async def main(items, _):\n    async for item in items: await asyncio.sleep(0.2)"
    trace = _played(code, play)
    assert [(event.at, event.data[0]) for event in trace.taken] == [(0.0, 0), (0.5, 1), (0.7, 2)]
    assert len(trace.of("drained")) == 1


def test_two_sources_are_taken_side_by_side() -> None:
    """Each has its own items, in their order."""

    def play(world: World) -> None:
        for some in (world.items([1000, 1001]), world.items(["aa", "bb"])):
            world.call("main", world.source(some), None)

    code = "async def main(items, _):\n    for item in items: await asyncio.sleep(0.1)"
    assert [event.data[0] for event in _played(code, play).taken] == [0, 2, 1, 3]


@pytest.mark.parametrize("lazy", [True, False])
def test_a_source_may_give_the_same_object_again(lazy: bool) -> None:
    """In its turns, one and the same object each time."""

    def play(world: World) -> None:
        items = world.items([1000, 1001, 1002])
        world.call("main", world.source(items[1:], lazy=lazy, turns=(1, 0, 1)), None)

    code = "async def main(items, _):\n    one, _, other = items\n    print(one is other)"
    trace = _played(code, play)
    assert [event.data[0] for event in trace.taken] == [2, 1, 2]
    assert [line.text for line in trace.prints] == ["True"]


@pytest.mark.parametrize("lazy", [True, False])
def test_a_source_may_raise_instead_of_its_end(lazy: bool) -> None:
    """After its last item, also if it has none; that it was asked for more is recorded."""

    def play(world: World) -> None:
        for some in (world.items([1000, 1001]), world.items([])):
            world.call("main", world.source(some, lazy=lazy, error="LookupError"), None)

    code = """
async def main(items, _):
    try:
        for item in items: await asyncio.sleep(0.1)
    except LookupError as error:
        print(type(error).__name__)
"""
    trace = _played(code, play)
    assert [(event.at, event.line) for event in trace.of("drained")] == [(0.0, 5), (0.2, 5)]
    assert [line.text for line in trace.prints] == ["LookupError"] * 2


# -- services -----------------------------------------------------------------------------------------


def test_a_result_stands_for_its_item() -> None:
    """What one service gives is an item to the next, and in a queue between them."""

    def play(world: World) -> None:
        items = world.items([1000, 1001])
        plans = [Plan(0.1)] * 2
        world.call(
            "main",
            world.source(items),
            world.service("fetch", plans, gives=True, lane="F"),
            world.service("store", plans, given=True, lane="S"),
        )

    code = """
async def main(items, fetch, store):
    q = asyncio.Queue()
    for item in items:
        record = await fetch(item)
        assert record is not None and record != item
        q.put_nowait(record)
        try: await store(item)
        except TypeError: pass
        await store(q.get_nowait())
"""
    trace = _played(code, play)
    assert [(one.service, one.item) for one in trace.tries] == [(0, 0), (1, 0), (0, 1), (1, 1)]
    assert [one.item for one in trace.tries_with("store")] == [0, 1]
    assert [put.item for put in trace.puts] == [0, 1]


def test_a_hanging_try_ends_when_it_is_cancelled_and_has_cleaned_up() -> None:
    """It waits for ever; cancelled, it needs its time, and ends with CancelledError."""

    def play(world: World) -> None:
        hangs = Rule(first=1, last=1, seconds=math.inf)
        work = world.service("work", [Plan(0.1)], hangs, cleanup=0.25)
        world.call("main", world.source(world.items([1000])), work)

    code = """
async def main(items, work):
    for item in items:
        try:
            async with asyncio.timeout(0.5): await work(item)
        except TimeoutError:
            await work(item)
"""
    trace = _played(code, play)
    assert [(t.start, t.end, t.outcome) for t in trace.tries] == [
        (0.0, 0.75, "cancelled"),
        (0.75, 0.85, "ok"),
    ]
    assert [event.at for event in trace.of("stopping")] == [0.5]


def test_a_service_notes_what_it_is_called_with() -> None:
    """What else than the item is asked for comes by name, all of it and nothing more."""

    def play(world: World) -> None:
        charge = world.service("charge", [Plan(0.1)], keywords=("key",))
        world.call("main", world.source(world.items([1000])), charge)

    code = """
async def main(items, charge):
    [item] = items
    for wrong in ({}, {"other": 1}, {"key": "k", "more": 1}):
        try: charge(item, **wrong)
        except TypeError: pass
        else: raise AssertionError
    await charge(item, key="k-1")
"""
    trace = _played(code, play)
    assert values(trace, "said") == [(0, 1, 0, {"key": "k-1"})]
    assert len(trace.tries) == 1


def test_errors_are_of_the_modules_own_or_below_pythons() -> None:
    """With the arguments that the script says; a class made below another is one of its kind."""

    def play(world: World) -> None:
        rules = (
            Rule(first=1, last=1, error=Own("Busy", (503,), {"after": 0.5})),
            Rule(first=2, last=2, error=Own("Busy", (504,), below=True)),
            Rule(first=3, last=3, error="<TimeoutError"),
        )
        work = world.service("work", [Plan(0.1)], *rules)
        world.call("main", world.source(world.items([1000])), work)

    code = """
class Busy(Exception):
    def __init__(self, status, after=0.0):
        self.status, self.after = status, after

async def main(items, work):
    [item], seen = items, []
    for _ in range(3):
        try: await work(item)
        except Busy as error: seen += [type(error) is Busy, error.status, error.after]
        except TimeoutError as error: seen += [type(error) is TimeoutError]
    await work(item)
    return seen
"""
    assert _played(code, play).result == [True, 503, 0.5, False, 504, 0.0, False]


def test_an_exception_that_the_module_lacks_is_missing() -> None:
    """What the script needs and the module has not cannot be played."""

    def play(world: World) -> None:
        work = world.service("work", [Plan(0.1, fails=1)], failing=Own("Busy"))
        world.call("main", world.source(world.items([1000])), work)

    trace = _played("async def main(items, work): pass", play)
    assert trace.end == {"how": "missing", "detail": "Busy"}


# -- events, keys, dead letters --------------------------------------------------------------------------


def test_an_event_is_set_at_its_time() -> None:
    """Whoever waits for it goes on then."""

    def play(world: World) -> None:
        stop = world.event("stop")
        world.call("main", stop, None)
        world.set(stop, at=0.75)

    trace = _played("async def main(stop, _): await stop.wait()", play)
    assert (trace.clock, [event.at for event in trace.of("set")]) == (0.75, [0.75])


def test_a_call_is_cancelled_at_its_time() -> None:
    """It alone, and it ends as cancelled."""

    def play(world: World) -> None:
        world.call("main", None, None)
        world.cancel(at=0.5)

    trace = _played("async def main(*_): await asyncio.sleep(9)", play)
    assert (trace.how, trace.clock) == ("cancelled", 0.5)


def test_keys_are_asked_of_items() -> None:
    """The function tells each item's key, and refuses what is none."""

    def play(world: World) -> None:
        source = world.source(world.items([1000, 1001]))
        world.call("main", source, world.key_of(["a", 7]))

    code = """
async def main(items, key_of):
    keys = [key_of(item) for item in items]
    try: key_of("no item")
    except TypeError: return keys
"""
    assert _played(code, play).result == ["a", 7]


def test_equal_keys_are_objects_of_their_own() -> None:
    """Each call makes the key anew, so that code which compares keys by identity is found out."""

    def play(world: World) -> None:
        items = world.items([1000, 1001, 1002, 1003])
        world.call("main", world.source(items), world.key_of(["atlas", "atlas", 1000, (7, 8)]))

    code = """
async def main(items, key_of):
    first, second, number, pair = items
    pairs = [(first, second), (number, number), (pair, pair)]
    keys = [(key_of(one), key_of(other)) for one, other in pairs]
    return [[one == other, one is other] for one, other in keys]
"""
    assert _played(code, play).result == [[True, False]] * 3


def test_what_is_put_into_a_told_queue_is_noted_part_by_part() -> None:
    """Items by their places, errors by the tries that raised them; a slow reader makes it wait."""

    def play(world: World) -> None:
        items = world.items([1000, 1001])
        work = world.service("work", [Plan(0.1, fails=9)] * 2, failing="ValueError")
        dead = world.queue("dead_letters", 1)
        world.note_values()
        world.call("main", world.source(items), work, dead)
        world.read(dead, every=0.5, since=1.0)

    code = """
async def main(items, work, dead):
    for item in items:
        try: await work(item)
        except ValueError as error: await dead.put((item, 1, error))
    await dead.put(("last", None, KeyError()))
    return [item, 5]
"""
    trace = _played(code, play)
    assert trace.result == [{"item": 1}, 5]
    assert values(trace, "value") == [
        (1, [{"item": 0}, 1, {"error": [0, 0, 1]}]),
        (1, [{"item": 1}, 1, {"error": [0, 1, 1]}]),
        (1, ["last", None, {"error": "KeyError"}]),
    ]
    assert [put.at for put in trace.puts] == [0.1, 1.0, 1.5]
    assert trace.queues == ("dead_letters",)
    assert trace.label(trace.labs[0]) == "reader"


@pytest.mark.parametrize("when", [0.0, 0.25])
def test_named_calls_are_the_crew(when: float) -> None:
    """Each has its name, from when it begins; the scenario ends when nothing moves any more."""

    def play(world: World) -> None:
        queue = world.queue("jobs")
        world.put(queue, world.items([1000])[0], at=0.5)
        world.call("main", queue, None, at=when, task="Ann")
        world.until_quiet()

    trace = _played("async def main(q, _):\n    while True: await q.get()", play)
    assert (trace.how, [trace.label(task) for task in trace.crew]) == ("quiet", ["Ann"])
    assert [get.at for get in trace.gets] == [0.5]
