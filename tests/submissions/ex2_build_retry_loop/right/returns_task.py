# label: right
# exercise: ex2_build_retry_loop
# contract: keeps every point; a plain def that starts the loop as a task and returns the task: something to await, cancelled with its awaiter
# expect: Passed.
"""Exercise 2, build the retry loop: returns task."""

import asyncio
import random
import time


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


START = time.perf_counter()


def log(*fields):
    """Print a line of the live log: the fields, then the seconds since the start."""
    print(*fields, f"{time.perf_counter() - START:.3f}", flush=True)


async def _serve(name, q, process_item, stats, attempts):
    while True:
        item = await q.get()
        tries = iter(range(1, attempts + 1))
        for attempt in tries:
            try:
                await process_item(item)
            except TransientError:
                if attempt != attempts:
                    log(name, "RETRY", item, attempt, "0.000")
                    stats["retried"] += 1
            else:
                stats["consumed"] += 1
                log(name, "OK", item)
                break
        else:
            stats["failed"] += 1
            log(name, "FAIL", item)
        q.task_done()


def consumer(name, q, process_item, stats, *, attempts=4):
    loop = asyncio.get_running_loop()
    return loop.create_task(_serve(name, q, process_item, stats, attempts), name=f"serve-{name}")
