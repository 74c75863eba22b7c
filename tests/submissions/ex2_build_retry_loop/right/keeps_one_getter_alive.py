# label: right
# exercise: ex2_build_retry_loop
# contract: keeps every point: asyncio.wait looks at one pending get() every 40 minutes, until it has an item
# expect: Passed.
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
        getting = asyncio.ensure_future(q.get())
        try:
            while not getting.done():
                await asyncio.wait({getting}, timeout=2400)
        except asyncio.CancelledError:
            getting.cancel()
            raise
        item = getting.result()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:  # nothing wider: a bug would fail the same way every time
                if attempt < attempts:  # a failed last try is not followed by a retry
                    stats["retried"] += 1
                    log(start, name, "RETRY", item, attempt, "0.000")
            else:  # not inside the try, which guards the call to the service and nothing of ours
                stats["consumed"] += 1
                log(start, name, "OK", item)
                break
        else:  # no break: every try has failed
            stats["failed"] += 1
            log(start, name, "FAIL", item)
        # Both ways of being settled meet here. No try/finally: an error or a cancellation leaves
        # the item unsettled, and then join() had better not be told that it is done.
        q.task_done()
