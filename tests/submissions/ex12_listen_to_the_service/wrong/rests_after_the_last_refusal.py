# label: wrong
# exercise: ex12_listen_to_the_service
# misconception: sleeps-after-last-failure
# contract: points 1 and 3: after the last refused try of an item its consumer sleeps before it takes another
# expect: Items wait while a consumer that has settled its item sleeps.
import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Any


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


class TooManyRequests(TransientError):
    """Asked too often: the item may be tried again in `retry_after` seconds, and no sooner."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"429 too many requests, retry after {retry_after:g} s")
        self.retry_after = retry_after


def log(start: float, *fields: object) -> None:
    """Print a line of the live log: the fields, then the seconds since `start`."""
    print(*fields, f"{time.perf_counter() - start:.3f}", flush=True)


class Pace:
    """Let at most `rate` tries begin in any second."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.begun: deque[float] = deque()
        self.lock = asyncio.Lock()

    async def turn(self) -> None:
        """Return when the next try may begin; it has to begin at once then."""
        loop = asyncio.get_running_loop()
        async with self.lock:
            while len(self.begun) >= self.rate:
                wait = self.begun[-self.rate] + 1.0 - loop.time()
                if wait <= 0:
                    break
                await asyncio.sleep(wait)
            self.begun.append(loop.time())
            while len(self.begun) > self.rate:
                self.begun.popleft()


async def consumer(
    name: str,
    q: asyncio.Queue[Any],
    process_item: Callable[[Any], Awaitable[None]],
    stats: dict[str, int],
    pace: Pace,
    *,
    attempts: int = 4,
    delay: float = 0.03,
    backoff: float = 2.0,
    jitter: float = 0.25,
) -> None:
    """Settle one item after the other, until cancelled."""
    start = time.perf_counter()
    while True:
        item = await q.get()
        rest = 0.0
        for attempt in range(1, attempts + 1):
            await pace.turn()
            try:
                await process_item(item)
            except TransientError as error:
                if attempt == attempts and isinstance(error, TooManyRequests):
                    rest = error.retry_after
                if attempt < attempts:
                    clean = delay * backoff ** (attempt - 1)
                    if isinstance(error, TooManyRequests):
                        clean = max(error.retry_after, clean)
                    pause = clean + random.uniform(0, clean * jitter)
                    stats["retried"] += 1
                    log(start, name, "RETRY", item, attempt, f"{pause:.3f}")
                    await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                log(start, name, "OK", item)
                break
        else:  # no break: every try has failed
            stats["failed"] += 1
            log(start, name, "FAIL", item)
        q.task_done()
        await asyncio.sleep(rest)  # we have been told to ask no more for so long


async def run_pipeline(
    items: Iterable[Any],
    process_item: Callable[[Any], Awaitable[None]],
    *,
    rate: int = 10,
    consumers: int = 5,
    maxsize: int = 5,
    attempts: int = 4,
    delay: float = 0.03,
    backoff: float = 2.0,
    jitter: float = 0.25,
) -> dict[str, int]:
    """Settle all `items`, and return the stats."""
    start = time.perf_counter()
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    q: asyncio.Queue[Any] = asyncio.Queue(maxsize)
    pace = Pace(rate)
    # When a consumer dies, the group cancels this block, even in put() or join(), and raises.
    async with asyncio.TaskGroup() as group:
        crew = [
            group.create_task(
                consumer(
                    f"C{n}",
                    q,
                    process_item,
                    stats,
                    pace,
                    attempts=attempts,
                    delay=delay,
                    backoff=backoff,
                    jitter=jitter,
                )
            )
            for n in range(1, consumers + 1)
        ]
        for item in items:
            await q.put(item)
            log(start, "PROD", item, "SZ", q.qsize())
        await q.join()
        for task in crew:
            task.cancel()
    return stats
