"""The loop in virtual time: the order of timers, and every way in which nothing goes on."""

from __future__ import annotations

import heapq
import sys
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.lab import loop as lab_loop
from tests.lab.support import body, line, load, run, twice, values

# -- order ------------------------------------------------------------------------------------------

# Among these are sums that differ in the last bits only, and times less than a nanosecond apart.
_DELAYS = st.sampled_from(
    [0.1, 0.2, 0.3, 0.1 + 0.2, 0.30000000004, 0.25, 1 / 3, 1.0, 7, 0.001, 1e-6, 59.999999999]
)
_TREES = st.recursive(
    st.tuples(_DELAYS, st.just(())),
    lambda inner: st.tuples(_DELAYS, st.lists(inner, max_size=4).map(tuple)),
    max_leaves=25,
)

_SLEEPERS = """
import asyncio

async def run_pipeline(items, work):
    seen, loop = [], asyncio.get_running_loop()
    async def node(tree):
        delay, inner = tree
        await asyncio.sleep(delay)
        number = len(seen)
        print(f"{loop.time():.9f} {delay!r} {len(inner)}")
        async with asyncio.TaskGroup() as group:
            for one in inner:
                group.create_task(node(one))
    async with asyncio.TaskGroup() as group:
        for one in TREES:
            group.create_task(node(one))
"""


def _expected(trees: list[Any]) -> list[str]:
    """The order by a plain simulation: by time, equal times in the order of their making."""
    queue: list[tuple[float, int, Any]] = []
    number = 0

    def push(now: float, trees: Any) -> None:
        nonlocal number
        for tree in trees:
            number += 1
            heapq.heappush(queue, (round(now + tree[0], 9), number, tree))

    push(0.0, trees)
    woken = []
    while queue:
        now = queue[0][0]
        batch = []
        while queue and queue[0][0] == now:
            batch.append(heapq.heappop(queue)[2])
        for delay, inner in batch:
            woken.append(f"{now:.9f} {delay!r} {len(inner)}")
            push(now, inner)
    return woken


_A_NANOSECOND_APART = [
    (0.2, ((1.0, ()),)),
    (1 / 3, ((0.2, ((1 / 3, ((1 / 3, ()),)),)),)),
]


@settings(max_examples=60)
@given(st.lists(_TREES, max_size=6))
@example(_A_NANOSECOND_APART)
def test_sleepers_wake_in_the_order_of_time(trees: list[Any]) -> None:
    """Any tree of sleeping tasks wakes by time, and in the order of the calls where times tie."""
    trace = run(f"TREES = {trees!r}\n{_SLEEPERS}")
    assert trace.how == "returned"
    assert [one.text for one in trace.prints] == _expected(trees)


@settings(max_examples=100)
@given(st.floats(1e-12, 100.0), st.floats(1e-9, 50.0))
def test_a_wait_for_a_deadline_ends_there(start: float, length: float) -> None:
    """`sleep(deadline - time())` reaches its deadline, whatever is lost in rounding."""
    code = body(
        f"""
        await asyncio.sleep({start!r})
        loop = asyncio.get_running_loop()
        deadline = loop.time() + {length!r}
        while loop.time() < deadline:
            await asyncio.sleep(deadline - loop.time())
        return abs(loop.time() - deadline)
        """
    )
    trace = run(code)
    assert trace.how == "returned"
    assert trace.result <= 1e-9
    assert len(trace.of("timer")) <= 3


def test_callbacks_of_equal_times_come_first_in_first_out() -> None:
    """`call_at` and `call_later` for the same nanosecond run in the order of the calls."""
    code = body(
        """
        loop, seen = asyncio.get_running_loop(), []
        for number in range(50):
            if number % 2:
                loop.call_later(0.1 + 0.2, seen.append, number)
            else:
                loop.call_at(0.3, seen.append, number)
        await asyncio.sleep(0.3)
        return seen
        """
    )
    assert run(code).result == list(range(50))


def test_many_cancelled_timers_leave_the_order_alone() -> None:
    """Hundreds of timeouts that never fire do not disturb those that do."""
    code = body(
        """
        async def one(number):
            for _ in range(3):
                async with asyncio.timeout(50):
                    await asyncio.sleep(0.001 * (number % 7))
            return number
        done = [await first for first in asyncio.as_completed([one(n) for n in range(150)])]
        return done == sorted(range(150), key=lambda number: number % 7)
        """
    )
    trace = run(code)
    assert trace.result is True
    assert trace.clock == 0.018


def test_timeouts_are_exact() -> None:
    """`timeout`, `wait_for` and a sleep that is cut short end at their times, to the nanosecond."""
    code = body(
        """
        async def timed():
            async with asyncio.timeout(0.3):
                await asyncio.sleep(9)
        times, loop = [], asyncio.get_running_loop()
        for wait in (
            asyncio.wait_for(asyncio.Event().wait(), 0.1),
            asyncio.wait_for(asyncio.sleep(9), 0.2),
            timed(),
        ):
            try:
                await wait
            except TimeoutError:
                times.append(loop.time())
        return times
        """
    )
    assert run(code).result == pytest.approx([0.1, 0.3, 0.6], abs=1e-9)


def test_a_timer_tells_who_slept_where() -> None:
    """A sleep of the module is recorded when it is over: its task, its line, its length."""
    code = body(
        """
        await asyncio.sleep(0.5)
        await asyncio.sleep(-1)
        await asyncio.sleep(2)  # here
        """
    )
    trace = run(code)
    assert [(e.at, e.task, e.data[0]) for e in trace.of("timer")] == [(0.5, 1, 0.5), (2.5, 1, 2)]
    assert trace.of("timer")[1].line == line(code)


# -- determinism ------------------------------------------------------------------------------------

_BUSY = """
import asyncio, random

class TransientError(Exception):
    pass

async def one(number, order):
    try:
        await asyncio.sleep(random.uniform(0, 1))
        order.append(number)
        await asyncio.sleep(60)
    finally:
        order.append(-number)

async def run_pipeline(items, work):
    order = []
    try:
        async with asyncio.TaskGroup() as group:
            for number in range(1, 40):
                group.create_task(one(number, order))
            await asyncio.sleep(2)
            raise KeyError("enough")
    except* KeyError:
        pass
    tasks = {asyncio.create_task(asyncio.sleep(n % 5)) for n in range(40)}
    done, pending = await asyncio.wait(tasks, timeout=2.5)
    names = [int(task.get_name().partition("-")[2]) for task in done]
    return [order, names]
"""


def test_the_same_scenario_gives_the_same_trace() -> None:
    """Two labs with one seed record the same, randomness, aborted groups and sets included."""
    first, second = twice(_BUSY)
    assert first == second
    assert first["deterministic"] is True


def test_groups_abort_and_sets_iterate_in_the_order_of_making() -> None:
    """Tasks keep the order in which they were made wherever asyncio keeps them in a set."""
    order, names = run(_BUSY).result
    assert [number for number in order if number < 0] == [-number for number in range(1, 40)]
    assert names == sorted(names)


def test_tasks_are_named_per_loop() -> None:
    """Names count from 1 in every scenario; a name that was given shows, as does a later one."""
    code = body(
        """
        first = asyncio.create_task(asyncio.sleep(1), name="bob")
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.sleep(1), name="carl")
            late = group.create_task(asyncio.sleep(1))
            late.set_name(7)
        nameless = asyncio.create_task(asyncio.sleep(0))
        await asyncio.gather(first, nameless)
        """
    )
    assert run(code).tasks == ("lab", "run_pipeline", "bob", "carl", "7", "Task-5")


def test_a_task_factory_may_be_given_the_name() -> None:
    """Newer Pythons hand the name of a task to the loop's factory instead of setting it later."""
    code = body(
        """
        loop = asyncio.get_running_loop()
        await loop.get_task_factory()(loop, asyncio.sleep(0), name="early")
        """
    )
    assert run(code).tasks == ("lab", "run_pipeline", "early")


def test_completed_ones_come_in_the_order_of_making() -> None:
    """`as_completed` gives what is done at the same time in the order in which it was handed in."""
    code = body(
        """
        async def one(number):
            await asyncio.sleep(number % 3)
            return number
        done = [await first for first in asyncio.as_completed([one(n) for n in range(50)])]
        try:
            list(asyncio.as_completed(one(1)))
        except TypeError:
            return done
        """
    )
    assert run(code).result == sorted(range(50), key=lambda number: number % 3)


def test_tasks_compare_by_identity() -> None:
    """A task equals itself only, as ever, though it hashes by its number."""
    code = body(
        """
        a, b = (asyncio.create_task(asyncio.sleep(0)) for _ in "ab")
        await asyncio.wait({a, b})
        return [a == b, a == a, len({a, b, a})]
        """
    )
    assert run(code).result == [False, True, 2]


# -- deadlocks --------------------------------------------------------------------------------------

_WAITING = """
import asyncio
import types

class Mine:
    def __await__(self):
        return forever().__await__()

class Stubborn:
    def __getattr__(self, name):
        return self
    def __await__(self):
        return self
    def __iter__(self):
        return self
    def __next__(self):
        return asyncio.get_running_loop().create_future()

async def forever():
    await asyncio.Event().wait()  # forever

async def numbers():
    yield 1
    await forever()  # numbers
    yield 2

async def relay():
    async for number in numbers():
        yield number

async def loops():
    async for _ in relay():
        pass

async def closes():
    generator = numbers()
    await anext(generator)
    await generator.athrow(ValueError)

async def awaits_an_object():
    await Mine()

@types.coroutine
def old():
    yield from forever()

async def awaits_old():
    await old()

async def awaits_task():
    await asyncio.create_task(forever(), name="the other")  # task

async def gathers():
    await asyncio.gather(forever())  # gather

async def full():
    q = asyncio.Queue(1)
    await q.put(1)
    await q.put(2)  # put

async def empty():
    await asyncio.Queue().get()  # get

async def joins():
    q = asyncio.Queue()
    q.put_nowait(1)
    await q.join()  # join

async def locks():
    lock = asyncio.Lock()
    await lock.acquire()
    await lock.acquire()  # lock

async def waits_for():
    await asyncio.wait_for(asyncio.Event().wait(), None)  # wait_for

async def run_pipeline(items, work):
    await NAME()
"""


@pytest.mark.parametrize(
    ("name", "mark", "inside"),
    [
        ("forever", "forever", "Event.wait"),
        ("loops", "forever", "Event.wait"),
        ("awaits_an_object", "forever", "Event.wait"),
        ("awaits_old", "forever", "Event.wait"),
        ("awaits_task", "task", "task the other"),
        ("full", "put", "Queue.put"),
        ("empty", "get", "Queue.get"),
        ("joins", "join", "Queue.join"),
        ("locks", "lock", "Lock.acquire"),
        ("waits_for", "wait_for", "wait_for"),
        ("gathers", "gather", "gathers"),
    ],
)
def test_a_deadlock_names_the_line_that_waits(name: str, mark: str, inside: str) -> None:
    """Through coroutines, generators and objects, the innermost line of the module is found."""
    code = _WAITING.replace("NAME", name)
    trace = run(code)
    assert (trace.how, trace.clock) == ("deadlock", 0.0)
    main = next(wait for wait in trace.waits if wait.task == 1)
    assert (main.line, main.inside) == (line(code, mark), inside)


def test_a_deadlock_names_every_task() -> None:
    """Each task that waits is listed with its own line, and those that ended are not."""
    code = body(
        """
        q = asyncio.Queue(1)
        async def child():
            await q.get()
            await asyncio.Event().wait()  # child
        async def quick():
            pass
        group = [asyncio.create_task(child()), asyncio.create_task(quick())]
        await q.put(1)
        await q.join()  # here
        """
    )
    trace = run(code)
    assert [(w.task, w.line) for w in trace.waits] == [(1, line(code)), (2, line(code, "child"))]
    assert trace.ending(3) is not None


def test_a_deadlock_is_found_after_time_has_passed() -> None:
    """The clock stands where the last thing happened."""
    trace = run(body("await asyncio.sleep(12)\nawait asyncio.Event().wait()"))
    assert (trace.how, trace.clock) == ("deadlock", 12.0)


def test_cleaning_up_a_deadlock_is_not_recorded() -> None:
    """What the module's `finally` blocks do when all is over is no part of the trace."""
    code = body(
        """
        async def child():
            try:
                await asyncio.Event().wait()
            finally:
                print("too late")
                asyncio.create_task(asyncio.sleep(0))
                raise ValueError("late")
        await asyncio.create_task(child())
        """
    )
    trace = run(code)
    assert not trace.prints
    assert not trace.died()
    assert len(trace.tasks) == 3


@pytest.mark.parametrize(
    "unwilling",
    [
        "pass",
        "import sys; sys.exit(3)",
        "raise KeyboardInterrupt",
        "while True: await asyncio.sleep(0)",
    ],
)
def test_a_task_that_will_not_be_cancelled_is_left_behind(unwilling: str) -> None:
    """A task that swallows its cancellation, or answers it badly, cannot spoil the trace."""
    code = body(
        f"""
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            {unwilling}
        """
    )
    assert run(code).how == "deadlock"


def test_an_object_that_is_everything_to_everyone_is_no_obstacle() -> None:
    """An awaited object that answers yes to everything does not mislead the search for lines."""
    code = _WAITING.replace("NAME", "Stubborn")
    trace = run(code)
    assert trace.how in ("deadlock", "raised")


# -- livelocks --------------------------------------------------------------------------------------


def test_sleeping_for_nothing_is_a_livelock() -> None:
    """A loop around `sleep(0)` ends with its line, also right after a real sleep."""
    code = body("await asyncio.sleep(0.05)\nwhile True:\n    await asyncio.sleep(0)  # here")
    trace = run(code)
    assert (trace.how, trace.end["line"]) == ("livelock", line(code))
    assert trace.clock == pytest.approx(0.05, abs=1e-6)
    assert [(wait.line, wait.inside) for wait in trace.waits] == [(line(code), "sleep")]


def test_polling_every_millisecond_is_a_livelock() -> None:
    """Time that passes is no progress: a poll is given up on, with its line."""
    code = body(
        """
        q = asyncio.Queue(1)
        await q.put(1)
        while q.full():
            await asyncio.sleep(0.001)  # here
        """
    )
    trace = run(code)
    assert (trace.how, trace.end["line"]) == ("livelock", line(code))
    assert trace.clock <= 30


def test_a_wait_that_is_short_by_a_rounding_error_ends() -> None:
    """A real clock moves on with every turn, so this one creeps where nothing else happens."""
    code = body(
        """
        loop = asyncio.get_running_loop()
        for delay in (0.1, 0.2, 0.3, 0.7, 1.1):
            await asyncio.sleep(delay)
            start = loop.time()
            while loop.time() - start < 1:
                await asyncio.sleep(max(0.0, start + 1 - loop.time()))
        await asyncio.sleep(1e-17)
        """
    )
    trace = run(code)
    assert trace.how == "returned"
    assert trace.clock == pytest.approx(7.4, abs=1e-6)


def test_queues_that_go_round_in_circles_are_a_livelock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Progress of a kind, for ever at one instant, is a livelock as well."""
    monkeypatch.setattr(lab_loop, "TURNS_AT_ONE_INSTANT", 500)
    code = body(
        """
        q = asyncio.Queue()
        while True:
            q.put_nowait(1)
            q.get_nowait()
            await asyncio.sleep(0)  # here
        """
    )
    trace = run(code)
    assert (trace.how, trace.end["line"]) == ("livelock", line(code))


def test_callbacks_may_spin_without_a_task(monkeypatch: pytest.MonkeyPatch) -> None:
    """A callback that calls itself again and again has no line to blame."""
    monkeypatch.setattr(lab_loop, "TURNS_WITHOUT_PROGRESS", 500)
    code = body(
        """
        loop = asyncio.get_running_loop()
        def again():
            loop.call_soon(again)
        again()
        await asyncio.Event().wait()
        """
    )
    trace = run(code)
    assert (trace.how, trace.end["line"]) == ("livelock", None)


def test_progress_is_no_livelock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many turns are fine as long as items move every now and then."""
    monkeypatch.setattr(lab_loop, "TURNS_WITHOUT_PROGRESS", 100)
    monkeypatch.setattr(lab_loop, "TURNS_AT_ONE_INSTANT", 100)
    code = body(
        """
        q = asyncio.Queue()
        for n in range(30):
            for _ in range(20):
                await asyncio.sleep(0.001)
            q.put_nowait(n)
        """
    )
    assert run(code).how == "returned"


@pytest.mark.parametrize("pause", ["1", "60", "3_600.5", "float('inf')"])
def test_a_heartbeat_cannot_hide_a_deadlock(pause: str) -> None:
    """After four hours without any work it is over, and who waits is told."""
    code = body(
        f"""
        async def beat():
            while True:
                await asyncio.sleep({pause})
        task = asyncio.create_task(beat())
        await asyncio.Event().wait()  # here
        """
    )
    trace = run(code)
    assert trace.how == "time_limit"
    assert trace.clock <= lab_loop.LONGEST_IDLE
    assert trace.waits[0].line == line(code)


# -- threads, files, other loops --------------------------------------------------------------------


def test_work_in_threads_takes_no_virtual_time() -> None:
    """`run_in_executor` and `to_thread` give their results; the clock waits for them."""
    code = body(
        """
        loop = asyncio.get_running_loop()
        waiting = asyncio.create_task(asyncio.sleep(5))
        total = await loop.run_in_executor(None, sum, range(200_000))
        length = await asyncio.to_thread(len, "four")
        return [total, length, loop.time()]
        """
    )
    trace = run(code)
    assert trace.result == [19_999_900_000, 4, 0.0]
    assert not trace.deterministic


def test_a_thread_that_waits_for_the_loop_is_no_deadlock(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while of real time the clock goes on, though a thread still works."""
    monkeypatch.setattr(lab_loop, "THREADS_GRACE", 0.03)
    code = body(
        """
        import threading
        go = threading.Event()
        job = asyncio.create_task(asyncio.to_thread(go.wait))
        await asyncio.sleep(5)
        go.set()
        return await job
        """
    )
    trace = run(code)
    assert (trace.result, trace.clock) == (True, 5.0)


def test_a_thread_at_work_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a thread works there is no deadlock, even with nothing scheduled."""
    monkeypatch.setattr(lab_loop, "THREADS_GRACE", 0.0)
    code = body(
        """
        import select
        return await asyncio.to_thread(select.select, [], [], [], 0.08)
        """
    )
    assert run(code).result == [[], [], []]


def test_a_job_that_is_left_behind_is_dropped() -> None:
    """An executor that still has jobs at the end does not keep the scenario."""
    code = body(
        """
        import threading
        go = threading.Event()
        jobs = [asyncio.get_running_loop().run_in_executor(None, go.wait) for _ in range(80)]
        asyncio.get_running_loop().call_soon(go.set)
        """
    )
    assert run(code).how == "returned"


def test_sockets_work_as_ever() -> None:
    """Real files and sockets are looked at whenever the loop has some."""
    code = body(
        """
        import socket
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.setblocking(False)
            theirs.setblocking(False)
            await asyncio.sleep(1)
            answer = asyncio.create_task(loop.sock_recv(theirs, 10))
            await asyncio.sleep(1)
            await loop.sock_sendall(ours, b"hello")
            return (await answer).decode()
        """
    )
    assert run(code).result == "hello"


@pytest.mark.parametrize(
    "start",
    [
        "asyncio.run(main())",
        "with asyncio.Runner() as runner:\n    runner.run(main())",
        "loop = asyncio.new_event_loop()\nloop.run_until_complete(main())\nloop.close()",
        "loop = asyncio.events.new_event_loop()\nloop.run_until_complete(main())\nloop.close()",
        "loop = asyncio.get_event_loop_policy().new_event_loop()\nloop.run_until_complete(main())",
    ],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_demo_without_a_guard_runs_in_virtual_time(start: str) -> None:
    """A module that runs its demo at import is loaded at once, however long the demo sleeps."""
    demo = "async def main():\n    await asyncio.sleep(1000)\n    seen.append(1)\n"
    code = f"import asyncio\nseen = []\n{demo}{start}\n" + body("return len(seen)")
    trace = run(code)
    assert (trace.result, trace.clock) == (1, 0.0)


def test_a_deadlock_at_import_is_said_in_words() -> None:
    """A demo that hangs at import keeps the module from being loaded, with line and reason."""
    code = """
import asyncio
async def main():
    await asyncio.Event().wait()
asyncio.run(main())  # here
"""
    answer = load(code)
    assert (answer["loaded"], answer["how"]) == (False, "import")
    assert answer["error"]["type"] == "Quiet"
    assert "every task waits for another" in answer["error"]["text"]
    assert answer["error"]["lines"][0] == line(code)


def test_tasks_of_other_makes_are_the_learners() -> None:
    """A task that was made past the loop runs as usual, and has a number once it does anything."""
    code = body("await asyncio.Task(asyncio.sleep(1))\nreturn 1")
    trace = run(code)
    assert (trace.result, trace.clock) == (1, 1.0)
    assert values(trace, "spawn") == [(1,), (2,)]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="before 3.12 no task begins at once")
def test_a_task_that_begins_at_once_is_not_left_behind_when_it_has_ended() -> None:
    """One that acts while it is being made is known before the loop has it, and so is its end."""
    code = body("""
async def inner():
    loop.create_task(asyncio.sleep(0))
    await asyncio.sleep(1)
loop = asyncio.get_running_loop()
await asyncio.Task(inner(), loop=loop, eager_start=True)
await asyncio.sleep(1)
""")
    trace = run(code)
    assert (trace.end["how"], trace.left) == ("returned", ())
    assert len(values(trace, "end")) == len(values(trace, "spawn"))


def test_breakpoint_says_that_nothing_stops_here() -> None:
    """With what to do instead: there is nobody at a debugger's prompt."""
    trace = run(body("breakpoint()"))
    assert trace.how == "raised"
    assert "run the file itself" in trace.end["error"]["text"]
