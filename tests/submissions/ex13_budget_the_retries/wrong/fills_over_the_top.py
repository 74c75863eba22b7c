# label: wrong
# exercise: ex13_budget_the_retries
# misconception: budget-miscounted
# contract: point 1: a refund is added whenever the budget is not full
# expect: There is more in it than fits.
import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from typing import Any


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


def log(start: float, *fields: object) -> None:
    """Print a line of the live log: the fields, then the seconds since `start`."""
    print(*fields, f"{time.perf_counter() - start:.3f}", flush=True)


class Budget:
    """What may still be spent on failures."""

    def __init__(self, size: float, refund: float) -> None:
        self.size = size
        self.refund = refund
        self.left = size

    def success(self) -> None:
        if self.left < self.size:
            self.left += self.refund

    def failure(self) -> bool:
        """Count a failed try; return whether there may be a retry."""
        self.left = max(0, self.left - 1)
        return self.left > self.size / 2


async def consumer(
    name: str,
    q: asyncio.Queue[Any],
    process_item: Callable[[Any], Awaitable[None]],
    stats: dict[str, int],
    purse: Budget,
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
            try:
                await process_item(item)
            except TransientError:
                may_retry = purse.failure()
                if attempt == attempts or not may_retry:
                    stats["failed"] += 1
                    log(start, name, "FAIL", item)
                    break
                clean = delay * backoff ** (attempt - 1)
                pause = clean + random.uniform(0, clean * jitter)
                stats["retried"] += 1
                log(start, name, "RETRY", item, attempt, f"{pause:.3f}")
                await asyncio.sleep(pause)
            else:
                purse.success()
                stats["consumed"] += 1
                log(start, name, "OK", item)
                break
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
    purse = Budget(budget, refund)
    async with asyncio.TaskGroup() as group:
        crew = [
            group.create_task(
                consumer(
                    f"C{n}",
                    q,
                    process_item,
                    stats,
                    purse,
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
