# label: wrong
# exercise: ex2_build_retry_loop
# misconception: stats-lost-update
# contract: ex2 point 2: stats['retried'] is read when the item is taken and written as before + tries: retries that another consumer counted meanwhile are lost. Shows when two consumers retry at overlapping times; one alone is right
# expect: A count is read before an await and written after it, and others' counts are lost.
"""Exercise 2, build the retry loop: a submission."""

import asyncio
import random
import time


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


START = time.perf_counter()


def log(*fields):
    """Print a line of the live log: the fields, then the seconds since the start."""
    print(*fields, f"{time.perf_counter() - START:.3f}", flush=True)


async def consumer(name, q, process_item, stats, *, attempts=4):
    while True:
        item = await q.get()
        retried_before = stats["retried"]
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] = retried_before + attempt
                    log(name, "RETRY", item, attempt, "0.000")
            else:
                stats["consumed"] += 1
                log(name, "OK", item)
                break
        else:
            stats["failed"] += 1
            log(name, "FAIL", item)
        q.task_done()
