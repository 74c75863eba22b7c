# label: wrong
# exercise: ex10_stop_when_told
# misconception: timers-left-behind
# contract: ex10 point 2: the timer of a pause goes on when its item is let go
# expect: A try begins after the return.
import asyncio
import functools
from collections import deque
import random
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


def log(start: float, *fields: object) -> None:
    """Print a line of the live log: the fields, then the seconds since `start`."""
    print(*fields, f"{time.perf_counter() - start:.3f}", flush=True)


class Job:
    """An item in hand: in a try (it has a task) or in a pause (it has a timer)."""

    def __init__(self, number: int, item: Any) -> None:
        self.number = number
        self.item = item
        self.tries = 0
        self.task: asyncio.Task[None] | None = None
        self.timer: asyncio.TimerHandle | None = None


class Dispatcher:
    """Callbacks only; run() waits for a single future."""

    def __init__(
        self,
        items: Iterable[Any],
        process_item: Callable[[Any], Awaitable[None]],
        stop: asyncio.Event,
        *,
        consumers: int,
        maxsize: int,
        grace: float,
        attempts: int,
        pause_after: Callable[[int], float],
    ) -> None:
        self.items = items
        self.process_item = process_item
        self.stop = stop
        self.consumers = consumers
        self.maxsize = maxsize
        self.grace = grace
        self.attempts = attempts
        self.pause_after = pause_after
        self.stats = {"consumed": 0, "retried": 0, "failed": 0}
        self.open: dict[int, Any] = {}
        self.waiting: deque[Job] = deque()
        self.hand: dict[int, Job] = {}
        self.starting = 0  # their task exists, but has not run yet: they wait, still
        self.dry = False
        self.cutting = False
        self.error: BaseException | None = None
        self.loop = asyncio.get_running_loop()
        self.finished = self.loop.create_future()
        self.grace_timer: asyncio.TimerHandle | None = None

    async def call(self, job: Job) -> None:
        """Make one try; a first one leaves a place for the next item to wait in."""
        if job.tries == 1:
            self.starting -= 1
            self.loop.call_soon(self.pump)
        await self.process_item(job.item)

    def pump(self) -> None:
        """Begin what may begin, and take what there is room for."""
        while not (self.cutting or self.stop.is_set()):
            if self.waiting and len(self.hand) < self.consumers:
                job = self.waiting.popleft()
                self.hand[job.number] = job
                self.starting += 1
                self.try_once(job)
            elif not self.dry and len(self.waiting) + self.starting < self.maxsize:
                try:
                    number, item = next(self.source)
                except StopIteration:
                    self.dry = True
                except Exception as exc:
                    self.crash(exc)
                else:
                    self.open[number] = item
                    self.waiting.append(Job(number, item))
            else:
                break
        self.check()

    def check(self) -> None:
        """Is it over?"""
        over = self.cutting or self.stop.is_set() or (self.dry and not self.waiting)
        if over and not self.hand and not self.finished.done():
            self.finished.set_result(None)

    def try_once(self, job: Job) -> None:
        job.tries += 1
        job.timer = None
        job.task = self.loop.create_task(self.call(job))
        job.task.add_done_callback(functools.partial(self.ended, job))

    def retry(self, job: Job) -> None:
        self.stats["retried"] += 1
        self.try_once(job)

    def ended(self, job: Job, task: asyncio.Task[None]) -> None:
        """A try has ended: what now?"""
        job.task = None
        match None if task.cancelled() else task.exception():
            case None if task.cancelled():
                del self.hand[job.number]
            case None:
                self.settled(job, "consumed")
            case TransientError() if job.tries >= self.attempts:
                self.settled(job, "failed")
            case TransientError() if self.cutting:
                del self.hand[job.number]
            case TransientError():
                pause = self.pause_after(job.tries)
                job.timer = self.loop.call_later(pause, self.retry, job)
            case exc:
                del self.hand[job.number]
                self.crash(exc)
        self.pump()

    def settled(self, job: Job, outcome: str) -> None:
        self.stats[outcome] += 1
        del self.hand[job.number], self.open[job.number]

    def crash(self, exc: BaseException) -> None:
        self.error = self.error or exc
        self.cut()

    def cut(self) -> None:
        """Cancel what is in hand, once."""
        if self.cutting:
            return
        self.cutting = True
        for job in list(self.hand.values()):
            if job.task:
                job.task.cancel()
            elif job.timer:
                del self.hand[job.number]
        self.check()

    def told(self, bell: asyncio.Task[Any]) -> None:
        if not bell.cancelled():
            self.grace_timer = self.loop.call_later(self.grace, self.cut)
            self.check()

    async def run(self) -> dict[str, Any]:
        self.source = enumerate(self.items)
        bell = asyncio.create_task(self.stop.wait())
        bell.add_done_callback(self.told)
        cancelled = None
        self.pump()
        while not self.finished.done():
            try:
                await asyncio.wait({self.finished})
            except asyncio.CancelledError as exc:
                cancelled = exc
                self.cut()
        if self.grace_timer:
            self.grace_timer.cancel()
        bell.cancel()
        await asyncio.gather(bell, return_exceptions=True)
        if cancelled:
            raise cancelled
        if self.error:
            raise self.error
        return {**self.stats, "unfinished": list(self.open.values())}


async def run_pipeline(
    items: Iterable[Any],
    process_item: Callable[[Any], Awaitable[None]],
    stop: asyncio.Event,
    *,
    consumers: int = 3,
    maxsize: int = 3,
    grace: float = 1.0,
    attempts: int = 4,
    delay: float = 0.03,
    backoff: float = 2.0,
    jitter: float = 0.25,
) -> dict[str, Any]:
    """Settle `items` until all are settled or `stop` is set; return the stats and what is unfinished."""
    if stop.is_set():
        return {"consumed": 0, "retried": 0, "failed": 0, "unfinished": []}

    def pause_after(k: int) -> float:
        d = delay * backoff ** (k - 1)
        return d + random.uniform(0, d * jitter)

    dispatcher = Dispatcher(
        items,
        process_item,
        stop,
        consumers=consumers,
        maxsize=maxsize,
        grace=grace,
        attempts=attempts,
        pause_after=pause_after,
    )
    return await dispatcher.run()
