"""Replayed records: what honest code leaves fits, what is made up does not."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.course.catalog import find_root
from grader.course.kit.lesson import Consume, Job, Pipeline
from grader.course.kit.world import Scenario
from grader.script import ALWAYS
from grader.trace import Trace, contradiction
from tests.lab.support import CONSUMER, body, raw, script

SOLUTIONS = find_root() / "solutions"
JOBS = (Job(1000, 0.05, fails=2), Job(1001, 0.07), Job(1002, 0.05, fails=ALWAYS), Job(1003, 0.0))
_CONSUME = Consume(JOBS, ("A", "B"), {"attempts": 3, "delay": 0.03, "backoff": 2.0, "jitter": 0.0})
_PIPELINE = Pipeline(JOBS, {"consumers": 2, "maxsize": 1, "attempts": 3})


def _solution(number: int) -> str:
    [path] = SOLUTIONS.glob(f"ex{number}_*.py")
    return path.read_text(encoding="utf-8")


def _recorded(scenario: Scenario) -> dict[str, Any]:
    return raw(_solution(4 if isinstance(scenario, Consume) else 5), scenario)


def _words(answer: dict[str, Any], scenario: Scenario) -> str:
    told = script(scenario)
    found = contradiction(Trace(answer, told.items), told)
    return "" if found is None else found.words


_CODES = {
    "blocks": "import time\ntime.sleep(0.2)\nawait work(next(items))\ntime.sleep(0.1)",
    "blocks a try": (
        "import time\nt = asyncio.ensure_future(work(next(items)))\nawait asyncio.sleep(0)\n"
        "time.sleep(0.2)\nawait t"
    ),
    "callbacks": (
        "loop = asyncio.get_running_loop()\ndone = asyncio.Event()\n"
        "loop.call_later(1, lambda: loop.call_later(2, done.set))\nawait done.wait()"
    ),
    "cancels tries": (
        "t = asyncio.ensure_future(work(next(items)))\nawait asyncio.sleep(0.01)\nt.cancel()\n"
        "await asyncio.sleep(1)"
    ),
    "time limits": (
        "for item in items:\n    try:\n        async with asyncio.timeout(0.02): await work(item)\n"
        "    except TimeoutError: pass"
    ),
    "threads": "import time\nawait asyncio.to_thread(time.sleep, 0.5)\nawait work(next(items))",
    "one item at once": "item = next(items)\nawait asyncio.gather(work(item), work(item))",
    "queue of its own kind": (
        "class Last(asyncio.LifoQueue): pass\nq = Last(3)\nfor item in items:\n"
        "    await q.put(item)\n    if q.full():\n        q.get_nowait(); q.task_done()"
    ),
    "marks too many": (
        "q = asyncio.Queue()\nq.put_nowait(next(items)); q.task_done()\n"
        "try: q.task_done()\nexcept ValueError: pass\nawait q.join()"
    ),
}


@pytest.mark.parametrize("code", _CODES.values(), ids=list(_CODES))
def test_what_code_really_does_fits(code: str) -> None:
    """Blocking, callbacks, cancelled tries, limits, threads: right or wrong, it is possible."""
    scenario = Pipeline(tuple(Job(item, 0.05) for item in range(1000, 1006)))
    assert _words(raw(body(code), scenario), scenario) == ""


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.sampled_from([0.0, 0.01, 0.5]), st.integers(-1, 3), st.integers(0, 1_000)),
        max_size=8,
    ),
    st.integers(1, 3),
    st.integers(1, 4),
)
def test_records_of_the_reference_fit(
    jobs: list[tuple[float, int, int]], crew: int, attempts: int
) -> None:
    """For any items, failures, beginnings and crews."""
    scripted = tuple(
        Job(1000 + n, seconds, fails=fails, at=at / 1000)
        for n, (seconds, fails, at) in enumerate(jobs)
    )
    names = tuple(f"C{n}" for n in range(crew))
    scenario = Consume(scripted, names, {"attempts": attempts}, cancel=2.0)
    assert _words(raw(CONSUMER, scenario), scenario) == ""


def test_an_older_queue_may_hold_what_nobody_saw() -> None:
    """A queue that is left over from another run is followed from where it is seen first."""
    code = "import asyncio\nkept = []\n" + body(
        "if not kept: kept.append(asyncio.Queue())\nq = kept[0]\n"
        "if q.qsize(): q.get_nowait(); q.task_done()\nq.put_nowait(next(items))"
    )
    from grader.lab import Lab  # noqa: PLC0415  # the same module for two runs

    scenario = Pipeline((Job(1000), Job(1001)))
    with Lab() as lab:
        lab.load(code, "work.py", "work")
        for _ in range(3):
            assert _words(lab.run(script(scenario)), scenario) == ""


# -- what is made up ----------------------------------------------------------------------------------


def _first(events: list[Any], kind: str, count: int = 0) -> int:
    return [n for n, event in enumerate(events) if event[2] == kind][count]


def _shorter_try(events: list[Any]) -> None:
    events[_first(events, "finish")][0] -= 0.01
    events.sort(key=lambda event: event[0])


def _without_timers(events: list[Any]) -> None:
    events[:] = [event for event in events if event[2] != "timer"]


def _another_outcome(events: list[Any]) -> None:
    events[_first(events, "finish")][6] = "ok"


def _wrong_count(events: list[Any]) -> None:
    for kind in ("begin", "finish"):
        events[_first(events, kind)][5] = 7


def _nobodys_work(events: list[Any]) -> None:
    """By the task with the last number, which nobody made: see the test."""


def _larger_queue(events: list[Any]) -> None:
    events[_first(events, "put")][5] += 1


def _item_from_nowhere(events: list[Any]) -> None:
    events[_first(events, "get")][6] = 3


def _one_mark_less(events: list[Any]) -> None:
    events[_first(events, "done")][5] -= 1


@pytest.mark.parametrize(
    ("forge", "words"),
    [
        (_shorter_try, "a try that takes 0.0"),
        (_without_timers, "time has passed"),
        (_another_outcome, "ends as it cannot"),
        (_wrong_count, "counted wrongly"),
        (_nobodys_work, "a task that is not there"),
        (_larger_queue, "size of a queue"),
        (_item_from_nowhere, "size of a queue"),
        (_one_mark_less, "unfinished"),
    ],
)
@pytest.mark.parametrize("scenario", [_CONSUME, _PIPELINE], ids=["consume", "pipeline"])
def test_what_is_made_up_does_not_fit(forge: Any, words: str, scenario: Scenario) -> None:
    """One change to an honest record, and something in it contradicts something else."""
    answer = _recorded(scenario)
    assert _words(answer, scenario) == ""
    forged = copy.deepcopy(answer)
    forged["tasks"].append("nobody")
    forge(forged["events"])
    if forge is _nobodys_work:
        forged["events"][_first(forged["events"], "begin")][1] = len(forged["tasks"]) - 1
    assert words in _words(forged, scenario)


def test_a_record_that_was_cut_off_is_no_contradiction() -> None:
    """The last moment of a run that ended in the middle need not be explained any more."""
    answer = _recorded(_CONSUME)
    place = _first(answer["events"], "finish")
    cut = answer | {"events": answer["events"][: place + 1], "end": {"how": "livelock", "line": 1}}
    cut["events"][-1] = [cut["events"][-1][0], 0, "print", None, "x", None]
    assert _words(cut, _CONSUME) == ""
    assert "time has passed" in _words(cut | {"end": {"how": "quiet"}}, _CONSUME)
