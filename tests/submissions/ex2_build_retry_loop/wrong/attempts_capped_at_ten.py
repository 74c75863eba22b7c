# label: wrong
# exercise: ex2_build_retry_loop
# misconception: too-few-tries
# contract: ex2 point 1: A safety cap of 10 tries beats the argument: shows for attempts > 10 with an item that fails at least 10 times
# expect: Items are given up on before attempts tries have failed.
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


MOST_TRIES = 10  # nobody means more


async def consumer(name, q, process_item, stats, *, attempts=4):
    attempts = min(attempts, MOST_TRIES)
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
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
