# label: wrong
# exercise: ex2_build_retry_loop
# misconception: unhashable-item
# contract: ex2 point 1: Keeps the item in hand in a set: an unhashable item (list, dict) ends the consumer with TypeError, untried
# expect: Items are kept in a set or as the keys of a dict, and not every item can be.
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
    in_hand = set()  # for the shutdown report
    while True:
        item = await q.get()
        in_hand.add(item)
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
        in_hand.discard(item)
        q.task_done()
