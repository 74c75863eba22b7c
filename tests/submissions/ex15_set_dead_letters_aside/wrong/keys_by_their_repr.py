# label: wrong
# exercise: ex15_set_dead_letters_aside
# misconception: keys-by-identity
# contract: ex15 point 3: 1, True and 1.0 are equal, and taken for three keys
# expect: Items with equal keys are worked on at once.
import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Iterable
from typing import Any


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


def log(start: float, *fields: object) -> None:
    """Print a line of the live log: the fields, then the seconds since `start`."""
    print(*fields, f"{time.perf_counter() - start:.3f}", flush=True)


class Keyed:
    """What waits, at most `maxsize` of it; handed out by key, one at a time."""

    def __init__(self, maxsize, key_of):
        self.maxsize = maxsize
        self.key_of = key_of
        self.waiting = []
        self.busy = set()
        self.open = 0
        self.change = asyncio.Condition()

    async def put(self, item):
        async with self.change:
            await self.change.wait_for(lambda: len(self.waiting) < self.maxsize)
            self.waiting.append((item, repr(self.key_of(item))))
            self.open += 1
            self.change.notify_all()

    def _first(self):
        for n, (_, key) in enumerate(self.waiting):
            if key not in self.busy:
                return n
        return None

    async def get(self):
        async with self.change:
            await self.change.wait_for(lambda: self._first() is not None)
            item, key = self.waiting.pop(self._first())
            self.busy.add(key)
            self.change.notify_all()
            return item, key

    async def settled(self, key):
        async with self.change:
            self.busy.discard(key)
            self.open -= 1
            self.change.notify_all()

    async def join(self):
        async with self.change:
            await self.change.wait_for(lambda: not self.open)


async def consumer(name, q, process_item, stats, dead_letters, *, attempts, delay, backoff, jitter):
    """Settle one item after the other, until cancelled."""
    start = time.perf_counter()
    while True:
        item, key = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError as error:
                if attempt == attempts:
                    stats["failed"] += 1
                    log(start, name, "FAIL", item)
                    await dead_letters.put((item, attempt, error))
                    break
                clean = delay * backoff ** (attempt - 1)
                pause = clean + random.uniform(0, clean * jitter)
                stats["retried"] += 1
                log(start, name, "RETRY", item, attempt, f"{pause:.3f}")
                await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                log(start, name, "OK", item)
                break
        await q.settled(key)


async def run_pipeline(
    items: Iterable[Any],
    key_of: Callable[[Any], Hashable],
    process_item: Callable[[Any], Awaitable[None]],
    dead_letters: asyncio.Queue[Any],
    *,
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
    q = Keyed(maxsize, key_of)
    # When a consumer dies, the group cancels this block, even in put() or join(), and raises.
    async with asyncio.TaskGroup() as group:
        crew = [
            group.create_task(
                consumer(
                    f"C{n}",
                    q,
                    process_item,
                    stats,
                    dead_letters,
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
            log(start, "PROD", item)
        await q.join()
        for task in crew:
            task.cancel()
    return stats
