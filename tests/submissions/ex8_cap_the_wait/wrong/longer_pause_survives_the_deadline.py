# label: wrong
# exercise: ex8_cap_the_wait
# misconception: delay-carried-to-next-item
# contract: ex8 point 1: the pause is set back after a success and after the last try, but not where the deadline ends an item
# expect: The next item starts with the long pause of one that was given up on at its deadline.
import asyncio
import random
import time


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    clock = time.monotonic
    d = min(delay, max_delay)
    while True:
        item = await q.get()
        begun, key = clock(), None
        for number in range(1, attempts + 1):
            try:
                await process_item(item)
                key, d = "consumed", min(delay, max_delay)
                break
            except TransientError:
                wait = random.uniform(d, d * (1 + jitter))
            if number == attempts:
                key, d = "failed", min(delay, max_delay)
            elif deadline is not None and clock() + wait > begun + deadline:
                key = "failed"
                break
            else:
                d = min(d * backoff, max_delay)
                stats["retried"] += 1
                await asyncio.sleep(wait)
        stats[key] += 1
        q.task_done()
