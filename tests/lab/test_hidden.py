"""What the learner's code is handed leads to nothing of the lab's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from types import BuiltinFunctionType, MethodWrapperType, ModuleType
from typing import Any

import pytest

from grader.course.kit.lesson import Job
from grader.lab import Lab
from grader.lab.hidden import Steps, bare, hide, opaque, play, seal
from tests.lab.support import CONSUMER, body, consume, pipeline, run, script


def test_what_is_opaque_leads_nowhere() -> None:
    """The function is called, also as a method, and none of its attributes is the function."""

    def secret(*values: Any) -> Any:
        """Words."""
        return values

    hidden = opaque(secret)
    assert hidden(1, 2) == (1, 2)
    assert (hidden.__name__, hidden.__doc__) == ("secret", "Words.")
    owner = type("Owner", (), {"method": hidden})()
    assert owner.method(3) == (owner, 3)
    assert not [name for name in dir(hidden) if getattr(hidden, name, None) is secret]


def test_a_hidden_slot_is_seen_by_its_keeper_only() -> None:
    """Neither the class nor the object shows it."""

    class Holder:
        __slots__ = ("_secret",)

    get, put = hide(Holder, "_secret")
    one = Holder()
    put(one, 5)
    assert get(one) == 5
    assert not hasattr(one, "_secret")
    assert "_secret" not in dir(one)


def test_a_sealed_class_works_as_before() -> None:
    """Its methods have no globals to look at."""

    @seal
    class Sum:
        def __init__(self, start: int) -> None:
            self.start = start

        def __hash__(self) -> int:
            return self.start

        def plus(self, other: int) -> int:
            return self.start + other

    assert (Sum(2).plus(3), hash(Sum(7))) == (5, 7)
    assert not hasattr(Sum.plus, "__globals__")


def test_a_bare_function_has_no_names_of_ours() -> None:
    """It sees Python's built-in names, and what it closes over."""
    kept = 3

    @bare
    def add(one: int, *, other: int = 4) -> int:
        return one + other + kept

    assert add(1) == 8
    assert set(add.__globals__) == {"__builtins__", "__name__"}


def test_steps_are_played_to_their_end() -> None:
    """Each action's result, or its error, comes back to where it was asked for."""

    def steps() -> Steps[list[Any]]:
        seen = [(yield lambda: 1)]
        try:
            yield {}.popitem
        except KeyError:
            seen.append("error")
        return seen

    assert play(steps()) == [1, "error"]
    with pytest.raises(ZeroDivisionError):
        play(_failing())


def _failing() -> Steps[None]:
    yield int
    raise ZeroDivisionError


# -- from what a submission has in its hands ----------------------------------------------------------

_HANDS = """
import gc, random, sys, time, warnings
HANDS = []
async def consumer(name, q, process_item, stats, *, attempts=4):
    loop = asyncio.get_running_loop()
    item = await q.get()
    coroutine = process_item(item)
    HANDS.extend([loop, q, process_item, stats, coroutine, asyncio.current_task(), type(loop),
                  asyncio.Queue, asyncio.Queue.put, time.sleep, time.monotonic, random.Random.seed,
                  sys.stdout, sys.stderr, asyncio.new_event_loop, warnings._warn_unawaited_coroutine])
    HANDS.append(loop.call_later(5, print))
    HANDS.extend(asyncio.all_tasks())
    waiter = asyncio.ensure_future(coroutine)
    HANDS.append(waiter)
    await asyncio.sleep(0)
    HANDS.extend(loop._scheduled)
    HANDS.extend(loop._ready)
    await waiter
    HANDS.append(sys._getframe())
    try:
        q.task_done(); q.task_done()
    except ValueError as error:
        HANDS.append(error)
    stats["consumed"] += 1
"""


def test_no_chain_of_attributes_leads_to_the_clock_or_the_record() -> None:
    """From loop, queue, service, tasks, timers, streams, frames and errors, ten attributes deep."""
    code = CONSUMER[: CONSUMER.index("async def")] + _HANDS
    with Lab() as lab:
        assert lab.load(code, "work.py", "work") == {"loaded": True}
        lab.run(script(consume(Job(1000, 0.05), Job(1001))))
        assert lab.module is not None
        reached = _reachable(lab.module.HANDS)
    names = {type(one).__module__ + "." + type(one).__name__ for one in reached}
    assert len(reached) > 300
    assert not [name for name in names if name.startswith("grader.") and name not in _HARMLESS]


_HARMLESS = {
    "grader.lab.loop.VirtualLoop",
    "grader.lab.loop._Selector",
    "grader.lab.ordered.LabTask",
    "grader.lab.ordered.Timer",
    "grader.lab.prints.Prints",
    "grader.lab.prints._Bytes",
}


def _reachable(hands: list[Any]) -> list[Any]:
    """All objects that attributes, items of containers, frames and closures lead to."""
    seen: dict[int, Any] = {}
    waiting = [(one, 0) for one in hands]
    while waiting:
        one, depth = waiting.pop()
        if id(one) in seen or depth > 10 or isinstance(one, (ModuleType, str, bytes, int, float)):
            continue
        seen[id(one)] = one
        waiting += [(found, depth + 1) for found in _led_to(one)]
    return list(seen.values())


def _led_to(one: Any) -> Iterator[Any]:
    if isinstance(one, dict):
        # Names of other modules lead to those modules: of interest are ours, and what holds no names.
        if "__builtins__" not in one or str(one.get("__name__")).startswith("grader"):
            yield from list(one.values())
    elif isinstance(one, list | tuple | set | frozenset):
        yield from list(one)
    elif isinstance(one, BuiltinFunctionType | MethodWrapperType):
        yield one.__self__
    elif not isinstance(one, type) or one.__module__.startswith("grader"):
        for name in dir(one):
            if name not in ("__class__", "__builtins__", "f_builtins", "f_back"):
                with suppress(Exception):  # whatever an attribute raises, it leads nowhere
                    yield getattr(one, name)


def test_the_learners_code_has_no_frame_of_the_labs_beneath_it() -> None:
    """From its own frame down, what it sees is asyncio's, and what has no names."""
    code = "import sys\n" + body(
        """
        frame, found = sys._getframe(), []
        while frame is not None:
            if str(frame.f_globals.get("__name__")).startswith("grader.lab"):
                found.append(frame.f_code.co_name)
            frame = frame.f_back
        return found
        """
    )
    # In a process of its own the stack ends there; here the test's call of the lab is beneath.
    assert run(code, pipeline()).result in ([], ["play", "run"])


def test_items_are_no_generator() -> None:
    """A generator would show its frame: what is handed over is built in."""
    code = body("return [type(items).__name__, hasattr(items, 'gi_frame')]")
    assert run(code, pipeline(1, 2)).result == ["map", False]
