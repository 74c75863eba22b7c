"""Exercise 13, the reference: budget the retries.

Four attempts are four times the load, and they come when a server can bear it least. So all consumers
share one budget: failures empty it, successes fill it, and while half of it is gone nothing is retried.
In good times nobody notices it; in an outage each ticket costs one call. gRPC throttles its retries by
the same rule.

    python solutions/ex13_budget_the_retries.py       watch it run
"""

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


class RetryBudget:
    """How many failures a run can still take: shared by all of its consumers."""

    def __init__(self, budget: float, refund: float) -> None:
        self._full = self._left = budget
        self._refund = refund

    def succeeded(self) -> None:
        """Fill it up a little."""
        self._left = min(self._full, self._left + self._refund)

    def failed(self) -> None:
        """Take one away."""
        self._left = max(0.0, self._left - 1)

    def allows_retry(self) -> bool:
        """Whether more than half of it is left."""
        return self._left > self._full / 2


async def consumer(
    name: str,
    q: asyncio.Queue[Any],
    process_item: Callable[[Any], Awaitable[None]],
    stats: dict[str, int],
    budget: RetryBudget,
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
                # Counted and asked in one go: nothing is awaited between, so no other consumer's
                # failure comes between, and the answer holds for the pause to come.
                budget.failed()
                if attempt == attempts or not budget.allows_retry():
                    stats["failed"] += 1
                    log(start, name, "FAIL", item)
                    break
                clean = delay * backoff ** (attempt - 1)
                pause = clean + random.uniform(0, clean * jitter)
                stats["retried"] += 1
                log(start, name, "RETRY", item, attempt, f"{pause:.3f}")
                await asyncio.sleep(pause)
            else:
                budget.succeeded()
                stats["consumed"] += 1
                log(start, name, "OK", item)
                break
        q.task_done()  # sent or given up on, for whichever reason: all ways lead through here


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
    shared = RetryBudget(budget, refund)
    q: asyncio.Queue[Any] = asyncio.Queue(maxsize)
    # When a consumer dies, the group cancels this block, even in put() or join(), and raises.
    async with asyncio.TaskGroup() as group:
        crew = [
            group.create_task(
                consumer(
                    f"C{n}",
                    q,
                    process_item,
                    stats,
                    shared,
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


# --- The demo: it works as it is ------------------------------------------------------------------


async def demo() -> None:
    """Tell the server of 32 tickets, of which 11 to 25 are sold while it restarts."""
    restart = range(11, 26)
    busy = Counter({3: 1, 7: 1})  # ticket: how many of its calls find the server too busy otherwise
    calls: Counter[bool] = Counter()  # during the restart, and before it

    async def tell(ticket: int) -> None:
        if ticket <= restart[-1]:
            calls[ticket in restart] += 1
        await asyncio.sleep(random.uniform(0.05, 0.12))
        if ticket in restart:
            raise TransientError(f"ticket {ticket}: connection refused")
        if busy[ticket] > 0:
            busy[ticket] -= 1
            raise TransientError(f"ticket {ticket}: server busy")

    stats = await run_pipeline(range(1, 33), tell)
    before, during = calls[False] / (restart[0] - 1), calls[True] / len(restart)
    print(f"\nAll 32 tickets are settled: {stats}")
    print(f"Calls for each ticket: {before:.1f} before the restart, {during:.1f} while it lasted.")
    if during > 2:
        print("It can bear 2 as long as it starts; with more of them, it starts again.")


if __name__ == "__main__":
    asyncio.run(demo())
