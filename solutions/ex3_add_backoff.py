"""Exercise 3, the reference: add backoff.

Your app uploads photos to a storage service that answers "slow down" when it is overloaded.
Asking again at once wastes the tries and makes the overload worse; so each retry waits, and twice
as long as the one before: short waits for a short hiccup, room to breathe in a long one.

    python solutions/ex3_add_backoff.py       watch it run
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


async def consumer(
    name: str,
    q: asyncio.Queue[Any],
    process_item: Callable[[Any], Awaitable[None]],
    stats: dict[str, int],
    *,
    attempts: int = 4,
    delay: float = 0.03,
    backoff: float = 2.0,
) -> None:
    """Settle one item after the other, until cancelled."""
    start = time.perf_counter()
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    # From the attempt alone: with no state to reset, each item starts afresh.
                    pause = delay * backoff ** (attempt - 1)
                    stats["retried"] += 1
                    log(start, name, "RETRY", item, attempt, f"{pause:.3f}")
                    await asyncio.sleep(pause)  # not time.sleep: the other consumers go on
            else:
                stats["consumed"] += 1
                log(start, name, "OK", item)
                break
        else:  # no break: every try has failed
            stats["failed"] += 1
            log(start, name, "FAIL", item)
        q.task_done()


# --- The demo: it works as it is ------------------------------------------------------------------


async def run_pipeline(
    items: Iterable[Any],
    process_item: Callable[[Any], Awaitable[None]],
    stats: dict[str, int],
    *,
    consumers: int = 3,
    maxsize: int = 3,
) -> None:
    """The bounded pipeline of exercise 1; a consumer that fails ends it with its error."""
    start = time.perf_counter()
    q: asyncio.Queue[Any] = asyncio.Queue(maxsize)
    async with asyncio.TaskGroup() as group:
        crew = [
            group.create_task(consumer(f"C{n}", q, process_item, stats))
            for n in range(1, consumers + 1)
        ]
        for item in items:
            await q.put(item)
            log(start, "PROD", item, "SZ", q.qsize())
        await q.join()
        for task in crew:
            task.cancel()


async def demo() -> None:
    """Upload twelve photos, three of which find the storage overloaded."""
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    overloaded = Counter({5: 1, 8: 4, 10: 2})  # photo: how many of its tries are turned away
    failed_at: dict[int, float] = {}
    waits: list[float] = []  # milliseconds before each retry

    async def upload(photo: int) -> None:
        if photo in failed_at:
            waits.append(1000 * (time.perf_counter() - failed_at[photo]))
        await asyncio.sleep(random.uniform(0.05, 0.12))
        if overloaded[photo] > 0:
            overloaded[photo] -= 1
            failed_at[photo] = time.perf_counter()
            raise TransientError(f"photo {photo}: slow down")

    await run_pipeline(range(1, 13), upload, stats)
    at_once = max(waits, default=0) < 10
    verdict = "all came back at once" if at_once else "the storage had time to recover"
    in_words = ", ".join(f"{wait:.0f}" for wait in waits)
    print(f"\n{len(waits)} retries, after waits of {in_words} ms: {verdict}.")


if __name__ == "__main__":
    asyncio.run(demo())
