# label: right
# exercise: ex10_stop_when_told
# contract: keeps every point; end marks in a PriorityQueue, a semaphore for room
# expect: Passed.
import asyncio
import math
from dataclasses import dataclass, field
import random
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


def log(start: float, *fields: object) -> None:
    """Print a line of the live log: the fields, then the seconds since `start`."""
    print(*fields, f"{time.perf_counter() - start:.3f}", flush=True)


@dataclass(order=True, slots=True)
class Ticket:
    """A place in the line; the lowest number comes first."""

    number: float
    item: Any = field(default=None, compare=False)


GO_NOW = -1.0  # before every item
GO_LAST = math.inf  # after every item


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
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    taken: dict[float, Any] = {}
    if stop.is_set():
        return {**stats, "unfinished": []}
    start = time.perf_counter()
    line: asyncio.PriorityQueue[Ticket] = asyncio.PriorityQueue()
    room = asyncio.BoundedSemaphore(maxsize)
    timers: list[asyncio.TimerHandle] = []

    def send_home(when: float) -> None:
        for _ in range(consumers):
            line.put_nowait(Ticket(when))

    async def feed() -> None:
        for number, item in enumerate(items):
            taken[number] = item
            await room.acquire()
            if stop.is_set():
                return
            line.put_nowait(Ticket(number, item))
        send_home(GO_LAST)

    async def consume(name: str) -> None:
        while (ticket := await line.get()).number not in (GO_NOW, GO_LAST):
            if stop.is_set():
                return
            room.release()
            d, left = delay, attempts
            while left:
                left -= 1
                try:
                    await process_item(ticket.item)
                except TransientError:
                    if left:
                        stats["retried"] += 1
                        await asyncio.sleep(random.uniform(d, d + d * jitter))
                        d *= backoff
                else:
                    stats["consumed"] += 1
                    log(start, name, "OK", ticket.item)
                    break
            else:
                stats["failed"] += 1
                log(start, name, "FAIL", ticket.item)
            del taken[ticket.number]

    async def listen() -> None:
        await stop.wait()
        feeder.cancel()
        send_home(GO_NOW)
        loop = asyncio.get_running_loop()
        timers.extend(loop.call_later(grace, task.cancel) for task in crew)

    try:
        async with asyncio.TaskGroup() as group:
            crew = [group.create_task(consume(f"C{n}")) for n in range(1, consumers + 1)]
            feeder = group.create_task(feed())
            listener = group.create_task(listen())
            await asyncio.wait(crew)
            listener.cancel()
    finally:
        for timer in timers:
            timer.cancel()
    return {**stats, "unfinished": list(taken.values())}
