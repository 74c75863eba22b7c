# label: right
# exercise: ex2_build_retry_loop
# contract: keeps every point; an item's counts are gathered in a local Counter and written in one go when it is settled or left, then task_done
# expect: Passed.
"""Exercise 2, build the retry loop: deltas in finally."""

import asyncio
import random
import time
from collections import Counter


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


START = time.perf_counter()


def log(*fields):
    """Print a line of the live log: the fields, then the seconds since the start."""
    print(*fields, f"{time.perf_counter() - START:.3f}", flush=True)


async def consumer(name, q, process_item, stats, *, attempts=4):
    while True:
        item = await q.get()
        delta = Counter()
        try:
            for attempt in range(attempts):
                delta["retried"] = attempt
                try:
                    await process_item(item)
                except TransientError:
                    log(name, "TRY", item, attempt + 1, "failed")
                else:
                    delta["consumed"] = 1
                    break
            else:
                delta["failed"] = 1
        finally:
            for key, amount in delta.items():
                stats[key] += amount
            q.task_done()
        log(name, "OK" if delta["consumed"] else "FAIL", item)
