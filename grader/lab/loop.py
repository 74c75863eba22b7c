"""An event loop in virtual time, which knows when nothing can happen any more.

The loop's selector never waits: when no callback is ready it moves the clock to the next timer.
When there is no timer either, nothing can ever happen again, and `Quiet` is raised out of
`run_forever` with every task's stack intact: whether that is a deadlock is the caller's to say.

The learner's code holds the loop. The `Engine` behind it moves the clock and writes the record; no
attribute of the loop leads there.
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
    is_in_place,
    number_of,
    owner_of,
    place_timer,
    watch_timer,
)
from grader.lab.recorder import Full, Recorder

__all__ = ["Engine", "Livelock", "LoopStopped", "Quiet", "TimeLimit", "VirtualLoop", "engine_of"]

TURNS_AT_ONE_INSTANT = 100_000  # a spinning `sleep(0)` reaches it in about 0.3 s
# Polling every millisecond reaches it after 30 virtual seconds; a wait of three hours beside two
# reporters that print every second does not.
TURNS_WITHOUT_PROGRESS = 60_000
# Virtual seconds in which nobody works, though timers go on: the longest wait that an exercise asks for
# takes three hours. A deadlock that is hidden behind a heartbeat ends here.
LONGEST_IDLE = 4 * 3_600.0
HALF_A_TICK = 0.5e-9  # seconds: times are whole nanoseconds, and each has its own
LOOK_AT_ALL = 8  # looks at the first timer between looks at all of them
THREADS_GRACE = 2.0  # real seconds for which the clock stands still while a thread works
LONG_TURN = 1e-3  # real seconds: in what takes longer, the process may have waited for something
MOST_STALLS = 4  # turns of one run in which it did

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
    """The loop cannot or will not go on."""


class Quiet(LoopStopped):
    """Nothing can happen any more: every task waits for another, or only hearts beat."""


class Livelock(LoopStopped):
    """The loop turns and turns, and nothing comes of it."""


class TimeLimit(LoopStopped):
    """Nobody worked for `LONGEST_IDLE` virtual seconds, or no end is in sight."""


class Engine:
    """Moves the clock of one loop, turn by turn, and tells the record what happens on it."""

    def __init__(self, clock: VirtualClock, recorder: Recorder) -> None:
        self.clock = clock
        self.recorder = recorder
        self.selector: Any = None  # both are set by the loop
        self.select: Any = None
        self.loop = VirtualLoop(self)
        # Asked before time passes to this moment: None, or when to go on if all only look for work.
        self.rest: Callable[[float], float | None] = lambda _until: None
        self.threads = 0  # jobs of executors
        self._timers = 0
        self._looks = 0
        self._asleep = 0  # of these and other threads, those in `time.sleep`
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
        """What stands for a selector's `select`: polls the real files, and moves the clock instead."""
        really, watched = selector.select, selector._fd_to_key

        def select(timeout: float | None = None) -> list[Any]:
            if _real_clock() - self._turn_began > LONG_TURN:
                self._look_for_stall()
            # A look at the real files costs as much as a turn: only where something may be there.
            ready = really(0) if watched and (self.threads > 0 or self._has_more(watched)) else []
            if not ready:
                self._count_turn()
                if timeout is None or timeout > 0:  # no callback is ready: time has to pass
                    ready = self._move(really)
            self._turn_began = _real_clock()
            return ready

        return select

    def _has_more(self, watched: Any) -> bool:
        """Whether there are descriptors beside the loop's own, if it has one."""
        loop: Any = self.loop
        return len(watched) > (loop._csock is not None)

    def _move(self, wait: Callable[[float], list[Any]]) -> list[Any]:
        """Move the clock to the next timer; returns what a thread made ready meanwhile."""
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
            ready_by_thread = self.loop._ready  # type: ignore[attr-defined]
            if not ready and not working and not ready_by_thread:
                raise Quiet("nothing can happen any more: every task waits for another")
            return ready
        rest = self.rest(when)
        if rest == math.inf:
            raise Quiet("nothing is left to do: every timer is a heartbeat")
        if rest is not None:
            when = max(when, rest)  # all timers until then are late, as after a computer's sleep
        if when - self.recorder.worked_at > LONGEST_IDLE:
            raise TimeLimit("nobody works any more")
        self.clock.move_to(when)
        # A float knows fewer digits the larger it is; the loop compares within this.
        resolution = max(HALF_A_TICK, 2 * sys.float_info.epsilon * self.clock.now)
        self.loop._clock_resolution = resolution
        return []

    def first_after(self, moment: float) -> float:
        """When the first timer fires that is set for a later time than this; infinity for none."""
        scheduled: list[Timer] = self.loop._scheduled  # type: ignore[attr-defined]
        return min((t.when() for t in scheduled if t.when() > moment), default=math.inf)

    def wakes_before(self, moment: float) -> set[int]:
        """The tasks with a timer that is set for an earlier time than this."""
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
        """One turn more of the loop; raises when there were too many of no use."""
        recorder = self.recorder
        if recorder.full:
            raise Full  # again: the first time it may have been swallowed
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
        if (
            self._turns_at_instant > TURNS_AT_ONE_INSTANT
            or self._turns_without_progress > TURNS_WITHOUT_PROGRESS
        ):
            raise Livelock("the loop turns and turns, and nothing comes of it")

    def _look_for_stall(self) -> None:
        """Note whether the process waited, for real, in the turn that is over.

        No coroutine does: while it waits for a lock or a socket nothing else runs, and the virtual
        clock does not see it. A busy machine is no such wait, nor is a page that has to be read, nor
        that other threads have to be waited for.
        """
        waits = _waits_of_thread()
        alone = _active_count() <= self._other_threads
        self._stalls += alone and waits > self._waits
        self._waits = waits
        if self._stalls >= MOST_STALLS:
            self.recorder.stalled = True

    def is_whole(self) -> bool:
        """Whether what moves the clock is still in its place."""
        loop: Any = self.loop
        return loop._selector is self.selector and self.selector.select is self.select

    def ready_tasks(self) -> list[LabTask]:
        """The learner's tasks whose turn comes next."""
        handles: Any = self.loop._ready  # type: ignore[attr-defined]
        tasks = (getattr(handle._callback, "__self__", None) for handle in handles)
        live = self.recorder.live
        return [task for task in tasks if type(task) is LabTask and number_of(task) in live]

    # -- timers and tasks -----------------------------------------------------------------------

    def learners_timer(
        self, when: float, callback: Callable[..., Any], args: Any, context: Context | None
    ) -> Timer:
        """A timer that the learner's code asked for; it is noted when it fires."""
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
        """A timer, of times rounded to the nanosecond."""
        rounded = round(when, 9)
        if when > self.clock.now >= rounded:  # or a wait for a deadline might never get there
            rounded = round(self.clock.now + 1e-9, 9)
        loop: Any = self.loop
        self._timers += 1
        timer = Timer(rounded, callback, args, loop, context)
        place_timer(timer, self._timers)
        _heappush(loop._scheduled, timer)
        timer._scheduled = True  # type: ignore[attr-defined]
        return timer

    def at(self, when: float, action: Callable[..., Any], *args: Any) -> None:
        """Do something of the lab's own at `when`: never noted as a sleep."""
        self.timer(when, opaque(action), args)

    def pause(self, seconds: float) -> asyncio.Future[None]:
        """A wait of the lab's own, out of the reach of patches; its timer goes with it."""
        future, timer = self.wait(seconds)
        future.add_done_callback(partial(_CANCEL, timer))
        return future

    def wait(self, seconds: float) -> tuple[asyncio.Future[None], Timer]:
        """The same with its timer, for who cancels that when the wait is cut short.

        A callback for it would be run after each wait, as often as anything is.
        """
        future: asyncio.Future[None] = self.loop.create_future()
        return future, self.timer(self.clock.now + seconds, _RESOLVE, (future,))

    def make_task(
        self, loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], options: Any
    ) -> LabTask:
        """A task, with its place in the record."""
        recorder = self.recorder
        number = recorder.next_task()
        if options.get("name") is None:
            options["name"] = f"Task-{number}"
        task = LabTask(coro, number=number, names=recorder.tasks, loop=loop, **options)
        recorder.task_made(task)
        return task

    # -- threads --------------------------------------------------------------------------------

    def watch_thread(self, future: asyncio.Future[Any]) -> None:
        """Let virtual time stand still until this job of an executor is done."""
        self.recorder.deterministic = False
        self.threads += 1
        future.add_done_callback(opaque(self._thread_ended))

    def _thread_ended(self, _future: asyncio.Future[Any]) -> None:
        self.threads -= 1

    def thread_sleeps(self, seconds: float) -> None:
        """Stop the calling thread for `seconds` of virtual time; for threads not the loop's."""
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
        """Let no thread sleep on, since its time has ended."""
        for awake in list(self._sleepers):
            awake.set()

    # -- running --------------------------------------------------------------------------------

    def running(self) -> Callable[[], None]:
        """What runs the loop until it is stopped, or until a `LoopStopped`.

        To be called where no frame of the lab's is in reach (`grader.lab.hidden`).
        """
        return partial(_forever, self.loop)


def _waits_of_thread() -> int:
    """How often this thread waited of its own accord (getrusage(2)); 0 where nobody tells."""
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
    """Runs coroutines in virtual time; see the module's docstring for how it ends."""

    __slots__ = ("_lab_engine",)

    def __init__(self, engine: Engine) -> None:
        engine.selector = selector = selectors.DefaultSelector()
        # What is called in every turn is found at once: on the object, and written in C as far as can be.
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
        """As asyncio's; here too every timer is the engine's."""
        self._check_closed()  # type: ignore[attr-defined]
        engine: Engine = engine_of(self)
        return engine.learners_timer(engine.clock.now + delay, callback, args, context)

    def _make_self_pipe(self) -> None:
        """Not before a thread or a signal has to wake the loop: most loops are never woken so."""
        self._ssock: Any = None
        self._csock: Any = None

    def _close_self_pipe(self) -> None:
        if self._csock is not None:
            super()._close_self_pipe()

    def _make_pipe(self) -> None:
        if self._csock is None:
            super()._make_self_pipe()

    def add_signal_handler(  # type: ignore[override]  # asyncio's names the arguments' types
        self, sig: int, callback: Callable[..., object], *args: Any
    ) -> None:
        """As asyncio's, which wakes the loop by its pipe."""
        self._make_pipe()
        super().add_signal_handler(sig, callback, *args)

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*_Args], _Result], *args: *_Args
    ) -> asyncio.Future[_Result]:
        """As asyncio's; virtual time stands still while the thread works."""
        self._make_pipe()
        future = super().run_in_executor(executor, func, *args)
        engine_of(self).watch_thread(future)
        return future

    def close(self) -> None:
        """As asyncio's; no thread sleeps on."""
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
    """An error that nobody asked for is in the record already."""


_MAKE_TASK, _SAY_NOTHING = opaque(_make_task), opaque(_say_nothing)
