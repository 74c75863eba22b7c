# label: wrong
# exercise: ex2_build_retry_loop
# misconception: stats-too-late
# contract: ex2 point 2: task_done() and a turn of the loop come before the count: whoever wakes from q.join() reads stats that lack the last item, and a consumer cancelled then never counts it
# expect: The counts become true only when the consumer ends.
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
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    log(name, "RETRY", item, attempt, "0.000")
            else:
                outcome = "consumed"
                break
        else:
            outcome = "failed"
        q.task_done()
        await asyncio.sleep(0)  # let the producer fill the place first
        stats[outcome] += 1
        log(name, "OK" if outcome == "consumed" else "FAIL", item)
