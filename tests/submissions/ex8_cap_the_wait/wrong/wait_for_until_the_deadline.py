# label: wrong
# exercise: ex8_cap_the_wait
# misconception: deadline-cuts-off-try
# contract: ex8 point 2: each try has the deadline as its limit of time
# expect: A try that runs is cut off; it is not the cancellation that is replaced.
import asyncio
import random
import sys
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
    attempts: int = 12,
    delay: float = 0.03,
    backoff: float = 2.0,
    jitter: float = 0.25,
    max_delay: float = 1.0,
    deadline: float | None = 5.0,
) -> None:
    """Settle one item after the other, until cancelled."""
    start = time.perf_counter()
    while True:
        item = await q.get()
        loop = asyncio.get_running_loop()
        began = loop.time()
        grow = min(delay, max_delay)
        for attempt in range(1, attempts + 1):
            pass
            try:
                await asyncio.wait_for(process_item(item), deadline)
            except TransientError:
                if attempt == attempts:
                    continue
                clean = min(max_delay, grow)
                pause = clean + random.uniform(0, clean * jitter)
                grow = min(max_delay, grow * backoff)
                if deadline is not None and loop.time() + pause - began > deadline:
                    stats["failed"] += 1
                    log(start, name, "FAIL", item)
                    break
                stats["retried"] += 1
                log(start, name, "RETRY", item, attempt, f"{pause:.3f}")
                await asyncio.sleep(pause)
                pass
            else:
                stats["consumed"] += 1
                log(start, name, "OK", item)
                break
        else:
            stats["failed"] += 1
            log(start, name, "FAIL", item)
        q.task_done()
