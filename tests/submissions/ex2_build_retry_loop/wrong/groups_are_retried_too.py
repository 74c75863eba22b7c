# label: wrong
# exercise: ex2_build_retry_loop
# misconception: retries-other-errors
# contract: ex2 4: a group of TransientErrors is retried
# expect: A group of TransientErrors is retried.
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
) -> None:
    """Settle one item after the other, until cancelled."""
    start = time.perf_counter()
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except (TransientError, ExceptionGroup):
                if attempt < attempts:
                    stats["retried"] += 1
                    log(start, name, "RETRY", item, attempt, "0.000")
            else:
                stats["consumed"] += 1
                log(start, name, "OK", item)
                break
        else:
            stats["failed"] += 1
            log(start, name, "FAIL", item)
        # Both ways of being settled meet here. No try/finally: an error or a cancellation leaves
        # the item unsettled, and then join() had better not be told that it is done.
        q.task_done()
