# label: wrong
# exercise: ex4_add_jitter
# misconception: stats-lost-update
# contract: consumed is read before a try and written after it
# expect: Counts are lost among several consumers.
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
    jitter: float = 0.25,
) -> None:
    """Settle one item after the other, until cancelled."""
    start = time.perf_counter()
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            so_far = stats["consumed"]
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    # Jitter is added to a clean delay, from the attempt alone: fed into the next
                    # one, the random parts would pile up and be multiplied by `backoff` as well.
                    clean = delay * backoff ** (attempt - 1)
                    # Drawn afresh for each retry, and from a generator that nobody has seeded: with
                    # a fixed seed all clients would draw the same number and stay a herd.
                    pause = clean + random.uniform(0, clean * jitter)
                    stats["retried"] += 1
                    log(start, name, "RETRY", item, attempt, f"{pause:.3f}")
                    await asyncio.sleep(pause)
            else:
                stats["consumed"] = so_far + 1
                log(start, name, "OK", item)
                break
        else:  # no break: every try has failed
            stats["failed"] += 1
            log(start, name, "FAIL", item)
        q.task_done()
