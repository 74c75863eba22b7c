# label: wrong
# exercise: ex2_build_retry_loop
# misconception: giving-up-ends-consumer
# contract: ex2 point 2: Five items given up on in a row end the consumer (it returns): fewer, or a success in between, look right
# expect: Giving up on an item ends the consumer.
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
    in_a_row = 0
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
                in_a_row = 0
                log(name, "OK", item)
                break
        else:
            stats["failed"] += 1
            in_a_row += 1
            log(name, "FAIL", item)
        q.task_done()
        if in_a_row >= 5:  # the service is down
            return
