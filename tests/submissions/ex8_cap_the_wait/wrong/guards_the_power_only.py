# label: wrong
# exercise: ex8_cap_the_wait
# misconception: power-overflows
# contract: ex8 point 1: the power of an int is no OverflowError, its product with a float is
# expect: With an int as backoff, a large power cannot be multiplied with delay.
import asyncio
import random
import time


class TransientError(Exception):
    pass


def under_the_ceiling(delay, backoff, max_delay, k):
    try:
        factor = backoff ** (k - 1)
    except OverflowError:
        return max_delay
    return min(max_delay, delay * factor)


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    while True:
        item = await q.get()
        began = time.perf_counter()
        for k in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if k == attempts:
                    continue
                clean = under_the_ceiling(delay, backoff, max_delay, k)
                pause = clean + random.uniform(0, clean * jitter)
                if deadline is not None and time.perf_counter() - began + pause > deadline:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
