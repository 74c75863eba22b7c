# label: wrong
# exercise: ex2_build_retry_loop
# misconception: equal-items-merged
# contract: ex2 point 1: Failures are kept in a dict under repr(item) and forgotten after a success only: an item equal to one that the same consumer has given up on is given up on at its first failure (attempts >= 2)
# expect: Two equal items are treated as one.
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
    failures = {}
    while True:
        item = await q.get()
        key = repr(item)
        while True:
            try:
                await process_item(item)
            except TransientError:
                failures[key] = failures.get(key, 0) + 1
                if failures[key] < attempts:
                    stats["retried"] += 1
                    log(name, "RETRY", item, failures[key], "0.000")
                    continue
                stats["failed"] += 1
                log(name, "FAIL", item)
            else:
                failures.pop(key, None)
                stats["consumed"] += 1
                log(name, "OK", item)
            break
        q.task_done()
