# label: right
# exercise: ex13_budget_the_retries
# contract: keeps every point; an async generator gives the failed tries
# expect: Passed.
import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from collections.abc import AsyncIterator
from contextlib import aclosing


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


def log(start: float, *fields: object) -> None:
    """Print a line of the live log: the fields, then the seconds since `start`."""
    print(*fields, f"{time.perf_counter() - start:.3f}", flush=True)


async def consumer(
    name: str,
    q: asyncio.Queue[Any],
    process_item: Callable[[Any], Awaitable[None]],
    stats: dict[str, int],
    spend: Callable[[], bool],
    earn: Callable[[], None],
    pause_after: Callable[[int], float],
    attempts: int,
) -> None:
    """Settle one item after the other, until cancelled."""
    start = time.perf_counter()

    async def tries(item: Any) -> AsyncIterator[int]:
        """Yield the number of each failed try after which there is another."""
        k = 0
        while True:
            k += 1
            try:
                await process_item(item)
            except TransientError:
                granted = spend()
                if k < attempts and granted:
                    yield k
                    continue
                stats["failed"] += 1
                log(start, name, "FAIL", item)
                return
            earn()
            stats["consumed"] += 1
            log(start, name, "OK", item)
            return

    while True:
        item = await q.get()
        async with aclosing(tries(item)) as failed_tries:
            async for k in failed_tries:
                pause = pause_after(k)
                log(start, name, "RETRY", item, k, f"{pause:.3f}")
                await asyncio.sleep(pause)
                stats["retried"] += 1
        q.task_done()


async def run_pipeline(
    items: Iterable[Any],
    process_item: Callable[[Any], Awaitable[None]],
    *,
    budget: float = 10.0,
    refund: float = 0.1,
    consumers: int = 3,
    maxsize: int = 3,
    attempts: int = 4,
    delay: float = 0.03,
    backoff: float = 2.0,
    jitter: float = 0.25,
) -> dict[str, int]:
    """Settle all `items`, and return the stats."""
    start = time.perf_counter()
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    q: asyncio.Queue[Any] = asyncio.Queue(maxsize)
    level = budget

    def spend() -> bool:
        nonlocal level
        level -= 1
        if level < 0:
            level = 0
        return 2 * level > budget

    def earn() -> None:
        nonlocal level
        level += refund
        if level > budget:
            level = budget

    def pause_after(k: int) -> float:
        return delay * backoff ** (k - 1) * random.uniform(1, 1 + jitter)

    async with asyncio.TaskGroup() as group:
        crew = [
            group.create_task(
                consumer(f"C{n}", q, process_item, stats, spend, earn, pause_after, attempts)
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
