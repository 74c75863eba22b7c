# label: wrong
# exercise: ex12_listen_to_the_service
# misconception: state-shared-between-runs
# contract: point 2: the limiter is cached by its rate, so a run keeps to the promises of an earlier one
# expect: A run that is right as the first one of a program begins too late after others.
import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
import functools


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


class Limiter:
    """A sliding window: a try is promised the time when the `rate`-th before it is a second old."""

    def __init__(self, rate: int) -> None:
        self.promised: deque[float] = deque([float("-inf")] * rate, maxlen=rate)

    async def slot(self) -> None:
        now = time.monotonic()
        when = max(now, self.promised[0] + 1.0)
        self.promised.append(when)
        if when > now:
            await asyncio.sleep(when - now)


@functools.cache
def limiter_for(rate: int) -> Limiter:
    return Limiter(rate)


async def consumer(
    name: str,
    q: asyncio.Queue[Any],
    process_item: Callable[[Any], Awaitable[None]],
    stats: dict[str, int],
    limiter: Any,
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
        for attempt in range(1, attempts + 1):
            await limiter.slot()
            try:
                await process_item(item)
            except TransientError as exc:
                if attempt < attempts:
                    clean = delay * backoff ** (attempt - 1)
                    if isinstance(exc, TooManyRequests):
                        clean = max(clean, exc.retry_after)
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
    limiter = limiter_for(rate)
    async with asyncio.TaskGroup() as group:
        crew = [
            group.create_task(
                consumer(
                    f"C{n}",
                    q,
                    process_item,
                    stats,
                    limiter,
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
