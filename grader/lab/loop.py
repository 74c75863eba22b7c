"""An event loop in virtual time that detects when nothing can happen any more.

The loop's selector never waits: when no callback is ready it moves the clock to the next timer.
When there is no timer either, nothing can ever happen again, and `run_forever` raises `Quiet` with
every task's stack intact. The caller decides whether that is a deadlock.

The learner's code has access to the loop. The `Engine` behind it moves the clock and writes the
record; no attribute of the loop leads to it.
"""

from __future__ import annotations

import asyncio
import heapq
import math
import operator
import selectors
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from contextvars import Context
from functools import partial
from typing import Any, TypeVar, TypeVarTuple, cast

from grader.lab.clock import VirtualClock
from grader.lab.hidden import hide, opaque, seal
from grader.lab.ordered import (
    LabTask,
    Timer,
    delay_of,
    is_in_place,
    is_pending,
    number_of,
    owner_of,
    place_timer,
    watch_timer,
)
from grader.lab.recorder import Full, Recorder

__all__ = ["Engine", "Livelock", "LoopStopped", "Quiet", "TimeLimit", "VirtualLoop", "engine_of"]

TURNS_AT_ONE_INSTANT = 100_000  # a spinning `sleep(0)` reaches it in about 0.3 s
# Turns without progress at one instant after which the clock moves on by a tick, as a real one does
# with every turn: a wait that is short by a rounding error, `while now() - start < 1`, then ends.
TURNS_FOR_A_TICK = 1_000
TICK = 1e-9  # seconds: times are whole nanoseconds
# Polling every millisecond reaches this after 30 virtual seconds; a three-hour wait beside two
# reporters that print every second does not.
TURNS_WITHOUT_PROGRESS = 60_000
# Virtual seconds without any work, though timers still fire: the longest wait in an exercise is three
# hours. This ends a deadlock that is hidden behind a heartbeat.
LONGEST_IDLE = 4 * 3_600.0
HALF_A_TICK = TICK / 2  # seconds: the clock's resolution
LOOK_AT_ALL = 8  # check all timers, not just the first one, every this many looks
THREADS_GRACE = 2.0  # real seconds for which the clock stands still while a thread works
LONG_TURN = 1e-3  # real seconds: a turn that takes longer may have waited for something
MOST_STALLS = 4  # turns per run that really waited

try:
    import resource
except ImportError:  # Windows
    _THREAD = None
else:
    _THREAD = getattr(resource, "RUSAGE_THREAD", None)  # Linux

_Args = TypeVarTuple("_Args")
_Result = TypeVar("_Result")

_real_clock, _heappush, _active_count = time.monotonic, heapq.heappush, threading.active_count
_forever = asyncio.base_events.BaseEventLoop.run_forever


class LoopStopped(Exception):
    """The loop cannot go on, or has reached a limit."""


class Quiet(LoopStopped):
    """Nothing can happen any more: every task waits for another, or only heartbeat timers are left."""


class Livelock(LoopStopped):
    """The loop keeps turning without making progress."""


class TimeLimit(LoopStopped):
    """No task worked for `LONGEST_IDLE` virtual seconds, or an item is tried without end."""


class Engine:
    """Moves the clock of one loop, turn by turn, and records what happens on it."""

    def __init__(self, clock: VirtualClock, recorder: Recorder) -> None:
        self.clock = clock
        self.recorder = recorder
        self.selector: Any = None  # this and `select` are set by the loop
        self.select: Any = None
        self.loop = VirtualLoop(self)
        # Called with the next timer's time before the clock moves there. Returns None, or a later time
        # to move to if every task only looks for work.
        self.rest: Callable[[float], float | None] = lambda _until: None
        self.threads = 0  # running executor jobs
        self._timers = 0
        self._looks = 0
        self._asleep = 0  # threads in `time.sleep`
        self._sleepers: set[threading.Event] = set()
        self._thread_waits = 0.0
        self._instant = -1.0
        self._turns_at_instant = 0
        self._turns_without_progress = 0
        self._progress_seen = -1
        self._turn_began = _real_clock()
        self._stalls = 0
        self._other_threads = _active_count()
        self._waits = _waits_of_thread()

    # -- the clock ------------------------------------------------------------------------------

    def selecting(self, selector: Any) -> Callable[..., list[Any]]:
        """A replacement for the selector's `select` that polls files and moves the clock, never waits."""
        really, watched = selector.select, selector._fd_to_key

        def select(timeout: float | None = None) -> list[Any]:
            if _real_clock() - self._turn_began > LONG_TURN:
                self._look_for_stall()
            # Polling the files costs as much as a turn, so poll only if something may be ready (one
            # descriptor is the loop's own).
            ready = really(0) if self.threads > 0 or len(watched) > 1 else []
            if not ready:
                self._count_turn()
                if timeout is None or timeout > 0:  # no callback is ready: time has to pass
                    ready = self._move(really)
            self._turn_began = _real_clock()
            return ready

        return select

    def _move(self, wait: Callable[[float], list[Any]]) -> list[Any]:
        """Move the clock to the next timer; returns the files that a thread made ready meanwhile."""
        working = self.threads > self._asleep
        if working:
            started = _real_clock()
            if self._thread_waits < THREADS_GRACE:
                ready = wait(0.02)
                self._thread_waits += _real_clock() - started
                return ready
        when = self._next_timer()
        if when is None:
            ready = wait(0.05 if working else 0)
            if not ready and not working:
                raise Quiet("nothing can happen any more: every task waits for another")
            return ready
        rest = self.rest(when)
        if rest == math.inf:
            raise Quiet("nothing is left to do: every timer is a heartbeat")
        if rest is not None:
            when = max(when, rest)  # timers until then fire late, as after a computer's sleep
        if when - self.recorder.worked_at > LONGEST_IDLE:
            raise TimeLimit("nobody works any more")
        self.clock.move_to(when)
        # The loop compares times within this; a larger float has fewer digits after the point.
        resolution = max(HALF_A_TICK, 2 * sys.float_info.epsilon * self.clock.now)
        self.loop._clock_resolution = resolution
        return []

    def first_but_beats(self, period: float) -> float:
        """The time of the first timer that is no beat of a heartbeat; infinity if there is none.

        A beat is a timer of the learner's that was set for at most `period` seconds and is due within
        as many. What ends a try, or a wait that was meant to be long, is none.
        """
        until = self.clock.now + period
        scheduled: list[Timer] = self.loop._scheduled  # type: ignore[attr-defined]
        others = (t for t in scheduled if t.when() > until or delay_of(t) > period)
        return min((t.when() for t in others if not t.cancelled()), default=math.inf)

    def last_pending(self) -> float | None:
        """When the last of the learner's timers is due; None if there is none."""
        scheduled: list[Timer] = self.loop._scheduled  # type: ignore[attr-defined]
        return max((t.when() for t in scheduled if is_pending(t)), default=None)

    def wakes_before(self, moment: float) -> set[int]:
        """The numbers of the tasks with a timer that is due by `moment`."""
        scheduled: list[Timer] = self.loop._scheduled  # type: ignore[attr-defined]
        return {owner_of(timer) for timer in scheduled if timer.when() <= moment}

    def _next_timer(self) -> float | None:
        scheduled: list[Timer] = self.loop._scheduled  # type: ignore[attr-defined]
        if not scheduled:
            return None
        self._looks += 1
        strange = not self._looks % LOOK_AT_ALL and {*map(type, scheduled)} != {Timer}
        if strange or not is_in_place(scheduled[0]):
            self.recorder.tampered = True
            raise Livelock("a timer that nobody asked the loop for")
        return scheduled[0].when()

    def _count_turn(self) -> None:
        """Count one turn of the loop; raises after too many turns without progress."""
        recorder = self.recorder
        if recorder.full:
            raise Full  # again: the learner's code may have swallowed the first one
        if recorder.endless:
            raise TimeLimit("an item is tried without end")
        if recorder.progress != self._progress_seen:
            self._progress_seen = recorder.progress
            self._turns_without_progress = 0
        self._turns_without_progress += 1
        if self.clock.now != self._instant:
            self._instant = self.clock.now
            self._turns_at_instant = 0
        self._turns_at_instant += 1
        if min(self._turns_at_instant, self._turns_without_progress) > TURNS_FOR_A_TICK:
            self.clock.move_to(self.clock.now + TICK)
        if (
            self._turns_at_instant > TURNS_AT_ONE_INSTANT
            or self._turns_without_progress > TURNS_WITHOUT_PROGRESS
        ):
            raise Livelock("the loop turns and turns, and nothing comes of it")

    def _look_for_stall(self) -> None:
        """Note whether the process really waited during the last turn.

        A coroutine should never do that: while it waits for a lock or a socket, nothing else runs and
        the virtual clock stands still. Delays on a busy machine, page faults and waits while there are
        other threads do not count.
        """
        waits = _waits_of_thread()
        alone = _active_count() <= self._other_threads
        self._stalls += alone and waits > self._waits
        self._waits = waits
        if self._stalls >= MOST_STALLS:
            self.recorder.stalled = True

    def is_whole(self) -> bool:
        """Whether the selector that moves the clock is still installed."""
        loop: Any = self.loop
        return loop._selector is self.selector and self.selector.select is self.select

    def ready_tasks(self) -> list[LabTask]:
        """The learner's tasks that are ready to run."""
        handles: Any = self.loop._ready  # type: ignore[attr-defined]
        tasks = (getattr(handle._callback, "__self__", None) for handle in handles)
        live = self.recorder.live
        return [task for task in tasks if type(task) is LabTask and number_of(task) in live]

    # -- timers and tasks -----------------------------------------------------------------------

    def learners_timer(
        self, when: float, callback: Callable[..., Any], args: Any, context: Context | None
    ) -> Timer:
        """A timer that the learner's code asked for; recorded when it fires."""
        timer = self.timer(when, callback, args, context)
        recorder = self.recorder
        task = recorder.learner_task()
        line = recorder.line() if task and not recorder.brief else None
        delay = round(when - self.clock.now, 9)
        watch_timer(timer, partial(recorder.fired, task, line, delay))
        return timer

    def timer(
        self, when: float, callback: Callable[..., Any], args: Any = (), context: Any = None
    ) -> Timer:
        """A timer, with its time rounded to the nanosecond."""
        rounded = round(when, 9)
        if when > self.clock.now >= rounded:  # otherwise a wait might never reach its deadline
            rounded = round(self.clock.now + TICK, 9)
        loop: Any = self.loop
        self._timers += 1
        timer = Timer(rounded, callback, args, loop, context)
        place_timer(timer, self._timers)
        _heappush(loop._scheduled, timer)
        timer._scheduled = True  # type: ignore[attr-defined]
        return timer

    def at(self, when: float, action: Callable[..., Any], *args: Any) -> None:
        """Run an action of the lab's at `when`; it is not recorded as a timer."""
        self.timer(when, opaque(action), args)

    def pause(self, seconds: float) -> asyncio.Future[None]:
        """A sleep of the lab's, unaffected by patches; its timer is cancelled with it."""
        future, timer = self.wait(seconds)
        future.add_done_callback(partial(_CANCEL, timer))
        return future

    def wait(self, seconds: float) -> tuple[asyncio.Future[None], Timer]:
        """As `pause`, but returns the timer too: the caller cancels it if the wait is cut short.

        This saves a callback after each wait, and waits are the most frequent operation.
        """
        future: asyncio.Future[None] = self.loop.create_future()
        return future, self.timer(self.clock.now + seconds, _RESOLVE, (future,))

    def make_task(
        self, loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], options: Any
    ) -> LabTask:
        """Make a task and record it."""
        recorder = self.recorder
        number = recorder.next_task()
        if options.get("name") is None:
            options["name"] = f"Task-{number}"
        task = LabTask(coro, number=number, names=recorder.tasks, loop=loop, **options)
        recorder.task_made(task)
        return task

    # -- threads --------------------------------------------------------------------------------

    def watch_thread(self, future: asyncio.Future[Any]) -> None:
        """Stop virtual time until this executor job is done."""
        self.recorder.deterministic = False
        self.threads += 1
        future.add_done_callback(opaque(self._thread_ended))

    def _thread_ended(self, _future: asyncio.Future[Any]) -> None:
        self.threads -= 1

    def thread_sleeps(self, seconds: float) -> None:
        """Block the calling thread, which must not be the loop's, for `seconds` of virtual time."""
        self.recorder.deterministic = False
        awake = threading.Event()
        self._sleepers.add(awake)
        self.loop.call_soon_threadsafe(opaque(self._put_to_sleep), seconds, awake)
        awake.wait()

    def _put_to_sleep(self, seconds: float, awake: threading.Event) -> None:
        self._asleep += 1
        timer = self.timer(self.clock.now + seconds, opaque(self._wake), (awake,))
        watch_timer(timer, partial(self.recorder.fired, 0, None, seconds))

    def _wake(self, awake: threading.Event) -> None:
        self._asleep -= 1
        self._sleepers.discard(awake)
        awake.set()

    def wake_all(self) -> None:
        """Wake all sleeping threads, since virtual time has ended."""
        for awake in list(self._sleepers):
            awake.set()

    # -- running --------------------------------------------------------------------------------

    def running(self) -> Callable[[], None]:
        """A function that runs the loop until it is stopped or raises `LoopStopped`.

        Call it where no lab frame is within reach (`grader.lab.hidden`).
        """
        return partial(_forever, self.loop)


def _waits_of_thread() -> int:
    """How often this thread waited voluntarily (getrusage(2)); 0 where that is unknown."""
    if _THREAD is None:
        return 0
    used = resource.getrusage(_THREAD)
    return used.ru_nvcsw - used.ru_majflt - used.ru_inblock


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _cancel(timer: Timer, _future: asyncio.Future[None]) -> None:
    timer.cancel()


_NOW = operator.attrgetter("now")
_RESOLVE, _CANCEL = opaque(_resolve), opaque(_cancel)


class VirtualLoop(asyncio.SelectorEventLoop):
    """Runs coroutines in virtual time; the module's docstring says how it ends."""

    __slots__ = ("_lab_engine",)

    def __init__(self, engine: Engine) -> None:
        engine.selector = selector = selectors.DefaultSelector()
        # These are called in every turn, so look-ups are kept short: set on the object, in C if possible.
        engine.select = opaque(engine.selecting(selector))
        setattr(selector, "select", engine.select)  # noqa: B010 - a method of its own
        now: Any = opaque(partial(_NOW, engine.clock), like=asyncio.AbstractEventLoop.time)
        self.time = now  # type: ignore[method-assign]  # virtual seconds since the start
        _set_engine(self, engine)
        super().__init__(selector)
        self._clock_resolution = HALF_A_TICK
        self.set_task_factory(_MAKE_TASK)
        self.set_exception_handler(_SAY_NOTHING)

    def call_at(
        self,
        when: float,
        callback: Callable[[*_Args], object],
        *args: *_Args,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """As asyncio's, with times rounded to the nanosecond and ties in the order of the calls."""
        self._check_closed()  # type: ignore[attr-defined]
        engine: Engine = engine_of(self)
        return engine.learners_timer(when, callback, args, context)

    def call_later(
        self,
        delay: float,
        callback: Callable[[*_Args], object],
        *args: *_Args,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """As asyncio's, but the timer is the engine's, as in `call_at`."""
        self._check_closed()  # type: ignore[attr-defined]
        engine: Engine = engine_of(self)
        now = engine.clock.now
        when = now + delay
        if delay > 0 and when == now:  # too short for a float: time passes all the same
            when = now + TICK
        return engine.learners_timer(when, callback, args, context)

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*_Args], _Result], *args: *_Args
    ) -> asyncio.Future[_Result]:
        """As asyncio's, but virtual time stands still while the thread works."""
        future = super().run_in_executor(executor, func, *args)
        engine_of(self).watch_thread(future)
        return future

    def set_debug(self, enabled: bool) -> None:  # noqa: ARG002 - asyncio's name for it
        """Keep debug mode off: it walks the stack at each task, and times turns in real seconds."""
        super().set_debug(False)

    def close(self) -> None:
        """As asyncio's; also wakes all sleeping threads."""
        super().close()
        engine_of(self).wake_all()


engine_of, _set_engine = hide(VirtualLoop, "_lab_engine")
"""The engine behind a loop."""
seal(VirtualLoop)


def _make_task(
    loop: VirtualLoop, coro: Coroutine[Any, Any, Any], **options: Any
) -> asyncio.Task[Any]:
    return cast(Engine, engine_of(loop)).make_task(loop, coro, options)


def _say_nothing(_loop: asyncio.AbstractEventLoop, _context: Any) -> None:
    """Ignore errors that nobody retrieved: they are in the record already."""


_MAKE_TASK, _SAY_NOTHING = opaque(_make_task), opaque(_say_nothing)
