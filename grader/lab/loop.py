"""An event loop in virtual time, which knows when nothing can happen any more.

The loop's selector never waits: when no callback is ready it moves the clock to the next timer.
When there is no timer either, nothing can ever happen again, and `Quiet` is raised out of
`run_forever` with every task's stack intact: whether that is a deadlock is the caller's to say.
"""

from __future__ import annotations

import asyncio
import heapq
import selectors
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from contextvars import Context
from typing import Any, TypeVar, TypeVarTuple

from grader.lab.clock import VirtualClock
from grader.lab.ordered import LabTask, Timer
from grader.lab.recorder import Full, Recorder

__all__ = ["Livelock", "LoopStopped", "Quiet", "TimeLimit", "VirtualLoop"]

TURNS_AT_ONE_INSTANT = 100_000  # a spinning `sleep(0)` reaches it in about 0.3 s
TURNS_WITHOUT_PROGRESS = 20_000  # polling every millisecond reaches it after 20 virtual seconds
LONGEST_RUN = 3_600.0  # virtual seconds: a deadlock hidden behind a heartbeat ends here
HALF_A_TICK = 0.5e-9  # seconds: times are whole nanoseconds, and each has its own
THREADS_GRACE = 2.0  # real seconds for which the clock stands still while a thread works

_Args = TypeVarTuple("_Args")
_Result = TypeVar("_Result")

_real_clock = time.monotonic
_forever = asyncio.base_events.BaseEventLoop.run_forever


class LoopStopped(Exception):
    """The loop cannot or will not go on."""


class Quiet(LoopStopped):
    """Nothing can happen any more: every task waits for another, or only hearts beat."""


class Livelock(LoopStopped):
    """The loop turns and turns, and nothing comes of it."""


class TimeLimit(LoopStopped):
    """The scenario went on beyond `LONGEST_RUN` virtual seconds, or has no end in sight."""


class _Selector(selectors.DefaultSelector):
    """Polls the real files without waiting, and moves the clock instead."""

    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> Any:
        loop = self.loop
        # A look at the real files costs as much as a turn: only where something may be there (one
        # descriptor is the loop's own).
        watching = loop._threads > 0 or len(self._fd_to_key) > 1  # type: ignore[attr-defined]
        ready = super().select(0) if watching else []
        if not ready:
            loop.count_turn()
            if timeout is None or timeout > 0:  # no callback is ready: time has to pass
                ready = loop.move(super().select)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Runs coroutines in virtual time; see the module's docstring for how it ends."""

    def __init__(self, clock: VirtualClock, recorder: Recorder) -> None:
        selector = _Selector()
        selector.loop = self
        self.clock = clock
        self.recorder = recorder
        self.at_rest: Callable[[], bool] = lambda: False  # asked before time passes
        self._timers = 0
        self._threads = 0  # jobs of executors
        self._asleep = 0  # of these and other threads, those in `time.sleep`
        self._sleepers: set[threading.Event] = set()
        self._thread_waits = 0.0
        self._instant = -1.0
        self._turns_at_instant = 0
        self._turns_without_progress = 0
        self._progress_seen = -1
        super().__init__(selector)
        self._clock_resolution = HALF_A_TICK
        factory: Any = self._make_task
        self.set_task_factory(factory)
        self.set_exception_handler(lambda _loop, _context: None)

    # -- the clock ------------------------------------------------------------------------------

    def time(self) -> float:
        """Virtual seconds since the start."""
        return self.clock.now

    def move(self, wait: Callable[[float], list[Any]]) -> list[Any]:
        """Move the clock to the next timer; returns what a thread made ready meanwhile."""
        working = self._threads > self._asleep
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
        if self.at_rest():
            raise Quiet("nothing is left to do: every timer is a heartbeat")
        if when > LONGEST_RUN:
            raise TimeLimit("an hour of virtual time was not enough")
        self.clock.move_to(when)
        # A float knows fewer digits the larger it is; the loop compares within this.
        self._clock_resolution = max(HALF_A_TICK, 2 * sys.float_info.epsilon * self.clock.now)
        return []

    def _next_timer(self) -> float | None:
        scheduled: list[Timer] = self._scheduled  # type: ignore[attr-defined]
        return scheduled[0].when() if scheduled else None

    def count_turn(self) -> None:
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

    def ready_tasks(self) -> list[LabTask]:
        """The learner's tasks whose turn comes next."""
        handles: Any = self._ready  # type: ignore[attr-defined]
        tasks = (getattr(handle._callback, "__self__", None) for handle in handles)
        live = self.recorder.live
        return [task for task in tasks if type(task) is LabTask and task.lab_id in live]

    # -- timers and tasks -----------------------------------------------------------------------

    def call_at(
        self,
        when: float,
        callback: Callable[[*_Args], object],
        *args: *_Args,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """As asyncio's, with times rounded to the nanosecond and ties in the order of the calls."""
        self._check_closed()  # type: ignore[attr-defined]
        timer = self._add_timer(when, callback, args, context)
        recorder = self.recorder
        task = recorder.learner_task()
        if task:
            timer._lab_watch = recorder
            timer._lab_task = task
            timer._lab_line = recorder.line()
            timer._lab_delay = round(when - self.clock.now, 9)
        return timer

    def _add_timer(
        self, when: float, callback: Callable[..., Any], args: Any, context: Context | None = None
    ) -> Timer:
        rounded = round(when, 9)
        if when > self.clock.now >= rounded:  # or a wait for a deadline might never get there
            rounded = round(self.clock.now + 1e-9, 9)
        timer = Timer(rounded, callback, args, self, context)
        self._timers += 1
        timer._lab_number = self._timers
        timer._lab_watch = None
        heapq.heappush(self._scheduled, timer)  # type: ignore[attr-defined]
        timer._scheduled = True  # type: ignore[attr-defined]
        return timer

    def service_timer(self, delay: float, future: asyncio.Future[None]) -> None:
        """Resolve `future` after `delay` seconds: a wait of the lab's, never noted as a sleep."""

        def resolve() -> None:
            if not future.done():
                future.set_result(None)

        timer = self._add_timer(self.clock.now + delay, resolve, ())
        future.add_done_callback(lambda _future: timer.cancel())

    def call_later(
        self,
        delay: float,
        callback: Callable[[*_Args], object],
        *args: *_Args,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """As asyncio's; here too every timer goes through `call_at`."""
        return self.call_at(self.clock.now + delay, callback, *args, context=context)

    def _make_task(
        self,
        loop: asyncio.AbstractEventLoop,
        coro: Coroutine[Any, Any, Any],
        **options: Any,
    ) -> LabTask:
        recorder = self.recorder
        number = recorder.next_task()
        if options.get("name") is None:
            options["name"] = f"Task-{number}"
        task = LabTask(coro, lab_id=number, names=recorder.tasks, loop=loop, **options)
        recorder.task_made(task)
        return task

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*_Args], _Result], *args: *_Args
    ) -> asyncio.Future[_Result]:
        """As asyncio's; virtual time stands still while the thread works."""
        self.recorder.deterministic = False
        future = super().run_in_executor(executor, func, *args)
        self._threads += 1
        future.add_done_callback(self._thread_ended)
        return future

    def _thread_ended(self, _future: asyncio.Future[Any]) -> None:
        self._threads -= 1

    def thread_sleeps(self, seconds: float) -> None:
        """Stop the calling thread for `seconds` of virtual time; for threads not the loop's."""
        self.recorder.deterministic = False
        awake = threading.Event()
        self._sleepers.add(awake)
        self.call_soon_threadsafe(self._put_to_sleep, seconds, awake)
        awake.wait()

    def _put_to_sleep(self, seconds: float, awake: threading.Event) -> None:
        self._asleep += 1
        self._add_timer(self.clock.now + seconds, self._wake, (awake,))

    def _wake(self, awake: threading.Event) -> None:
        self._asleep -= 1
        self._sleepers.discard(awake)
        awake.set()

    def close(self) -> None:
        """As asyncio's; no thread sleeps on, since its time has ended."""
        super().close()
        for awake in list(self._sleepers):
            awake.set()

    # -- running --------------------------------------------------------------------------------

    def run(self) -> None:
        """Run until stopped or until a `LoopStopped`; safe from a patched `asyncio`."""
        _forever(self)
