# label: wrong
# exercise: ex13_budget_the_retries
# misconception: budget-loses-updates
# contract: ex13 point 1: what is left is read before the call and written after it
# expect: What other consumers took away meanwhile is lost.
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
    def __init__(self, full, refund):
        self.full = self.left = full
        self.refund = refund


async def consumer(
    name: str,
    q: asyncio.Queue[Any],
    process_item: Callable[[Any], Awaitable[None]],
    stats: dict[str, int],
    budget: Any,
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
            left = budget.left
            try:
                await process_item(item)
            except TransientError:
                # TODO: here each failed try is followed by another, whatever the others meet with.
                budget.left = max(0, left - 1)
                if attempt < attempts and budget.left > budget.full / 2:
                    clean = delay * backoff ** (attempt - 1)
                    pause = clean + random.uniform(0, clean * jitter)
                    stats["retried"] += 1
                    log(start, name, "RETRY", item, attempt, f"{pause:.3f}")
                    await asyncio.sleep(pause)
                else:
                    stats["failed"] += 1
                    log(start, name, "FAIL", item)
                    break
            else:
                budget.left = min(budget.full, left + budget.refund)
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
    pot = Budget(budget, refund)
    # When a consumer dies, the group cancels this block, even in put() or join(), and raises.
    async with asyncio.TaskGroup() as group:
        crew = [
            group.create_task(
                consumer(
                    f"C{n}",
                    q,
                    process_item,
                    stats,
                    pot,
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
