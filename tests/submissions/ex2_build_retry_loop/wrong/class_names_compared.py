# label: wrong
# exercise: ex2_build_retry_loop
# misconception: retries-other-errors
# contract: ex2 point 4: Recognises the error by the names of its classes: a foreign class that is called TransientError too (another library's, no subclass of ours) is retried instead of leaving
# expect: Errors that are not transient are retried.
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
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except Exception as error:
                if "TransientError" not in [kind.__name__ for kind in type(error).__mro__]:
                    raise
                if attempt < attempts:
                    stats["retried"] += 1
                    log(name, "RETRY", item, attempt, "0.000")
            else:
                stats["consumed"] += 1
                log(name, "OK", item)
                break
        else:
            stats["failed"] += 1
            log(name, "FAIL", item)
        q.task_done()
