"""Virtual time: what the `time` module says and does while a lab is open."""

from __future__ import annotations

import math
import random
import sys
import time
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course.kit.lesson import Pipeline
from grader.lab import Lab
from grader.lab.clock import VirtualClock
from tests.lab.support import body, line, run, script

real_sleep = time.sleep
_EMPTY = Pipeline(())


def test_all_clocks_tell_virtual_time() -> None:
    """Each clock of the `time` module moves by exactly the time that was slept."""
    code = body(
        """
        import time
        clocks = [time.monotonic, time.perf_counter, time.time]
        fine = [time.monotonic_ns, time.perf_counter_ns, time.time_ns]
        before = [clock() for clock in clocks], [clock() for clock in fine]
        await asyncio.sleep(0.25)
        return [
            [clock() - then for clock, then in zip(clocks, before[0])],
            [clock() - then for clock, then in zip(fine, before[1])],
        ]
        """
    )
    trace = run(code)
    assert trace.result == [[0.25] * 3, [250_000_000] * 3]
    assert trace.clock == 0.25


def test_names_taken_at_import_tell_virtual_time() -> None:
    """Functions that the module imports by name are virtual too."""
    code = "from time import perf_counter, sleep\n" + body(
        """
        start = perf_counter()
        sleep(1.5)
        return perf_counter() - start
        """
    )
    assert run(code).result == 1.5


def test_each_scenario_starts_at_zero() -> None:
    """Neither the import nor an earlier scenario leaves time on the clock."""
    with Lab() as lab:
        lab.load("import time\ntime.sleep(7)\n" + body("await asyncio.sleep(3)"), "w.py", "w")
        assert [lab.run(script(pipeline))["clock"] for pipeline in (_EMPTY, _EMPTY)] == [3.0, 3.0]


def test_sleep_in_a_coroutine_blocks_the_loop() -> None:
    """`time.sleep` is recorded with its line, and nobody else moves meanwhile."""
    code = body(
        """
        import time
        async def tick():
            await asyncio.sleep(0.01)
            print("tick")
        task = asyncio.create_task(tick())
        await asyncio.sleep(0)
        time.sleep(0.03)  # here
        await task
        """
    )
    trace = run(code)
    [stop] = trace.blocked
    assert (stop.at, stop.task, stop.line, stop.seconds) == (0.0, 1, line(code), 0.03)
    assert [(p.at, p.text) for p in trace.prints] == [(0.03, "tick")]


@pytest.mark.parametrize(
    ("seconds", "error"),
    [
        ("-1", ValueError),
        ("nan", ValueError),
        ("1e10", OverflowError),
        ("inf", OverflowError),
        ("'1'", TypeError),
    ],
)
def test_impossible_sleeps_raise_as_ever(seconds: str, error: type[Exception]) -> None:
    """What the real `time.sleep` refuses is refused with the same exception."""
    with pytest.raises(error):
        real_sleep(eval(seconds, vars(math)))  # noqa: S307  # a literal of ours
    trace = run(body(f"import time\nfrom math import nan, inf\ntime.sleep({seconds})"))
    assert (trace.how, trace.end["error"]["type"]) == ("raised", error.__name__)
    assert trace.clock == 0.0


def test_sleeping_for_ever_ends_as_too_much() -> None:
    """A coroutine that only ever stops the loop is given up on."""
    trace = run(body("import time\nwhile True:\n    time.sleep(30)"))
    assert trace.how == "output"
    assert sum(stop.seconds for stop in trace.blocked) <= 630


def test_sleep_in_a_thread_blocks_nobody() -> None:
    """`to_thread(time.sleep)` takes its virtual time, and the others go on."""
    code = body(
        """
        import time
        async def tick():
            for _ in range(3):
                await asyncio.sleep(0.1)
                print("tick")
        ticking = asyncio.create_task(tick())
        await asyncio.gather(
            asyncio.to_thread(time.sleep, 0.25), asyncio.to_thread(time.sleep, 0.5)
        )
        await ticking
        return asyncio.get_running_loop().time()
        """
    )
    trace = run(code)
    assert not trace.blocked
    assert not trace.deterministic
    assert [p.at for p in trace.prints] == [0.1, 0.2, 0.3]
    assert trace.result == 0.5


def test_threads_of_the_learners_own_sleep_in_virtual_time() -> None:
    """A thread that the module starts itself sleeps in virtual time as well."""
    code = body(
        """
        import threading, time
        thread = threading.Thread(target=time.sleep, args=(60,))
        thread.start()
        await asyncio.to_thread(thread.join)
        return time.monotonic()
        """
    )
    assert run(code).result == 60.0


def test_no_thread_sleeps_on_after_the_end() -> None:
    """A thread that is asleep when its scenario ends is let go, as is one at import."""
    code = body(
        """
        import threading, time
        thread = threading.Thread(target=time.sleep, args=(50,))
        thread.start()
        threads.append(thread)
        await asyncio.sleep(1)
        """
    )
    early = """
import threading, time
threads = [threading.Thread(target=time.sleep, args=(50,))]
threads[0].start()
"""
    with Lab() as lab:
        lab.load(early + code, "w.py", "w")
        lab.run(script(_EMPTY))
        assert lab.module is not None
        for thread in lab.module.threads:
            thread.join(10)
            assert not thread.is_alive()


def test_closing_gives_everything_back() -> None:
    """After a lab is closed, the process has its own functions, streams and modules again."""
    before = _state()
    with Lab() as lab:
        lab.load("x = 1", "w.py", "some_module_of_mine")
        assert "some_module_of_mine" in sys.modules
        inside = _state()
    after = _state()
    assert after == before
    assert all(now is not then for now, then in zip(inside, before, strict=True))
    assert "some_module_of_mine" not in sys.modules


def test_a_module_of_the_same_name_comes_back() -> None:
    """Loading under a name that is taken hides that module only while the lab is open."""
    with Lab() as lab:
        lab.load("x = 1", "w.py", "this_module")
        with Lab() as inner:
            inner.load("x = 2", "w.py", "this_module")
            assert sys.modules["this_module"].x == 2
        assert sys.modules["this_module"].x == 1


@given(st.lists(st.floats(0, 1e6)))
def test_the_clock_never_goes_back(times: list[float]) -> None:
    """However it is moved, the clock stands at the latest time so far, to the nanosecond."""
    clock = VirtualClock()
    for number, when in enumerate(times, 1):
        clock.move_to(when)
        assert clock.now == max(round(t, 9) for t in times[:number])
    clock.reset()
    assert clock.now == 0.0


def _state() -> list[object]:
    names = ("monotonic", "perf_counter", "time", "sleep", "monotonic_ns")
    return [
        *(getattr(time, name) for name in names),
        random.Random.seed,
        sys.stdout,
        sys.stderr,
        vars(warnings)["_warn_unawaited_coroutine"],
    ]
