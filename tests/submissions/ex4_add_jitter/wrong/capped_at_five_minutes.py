# label: wrong
# exercise: ex4_add_jitter
# misconception: delay-capped
# contract: ex4: d is capped at 300 s
# expect: D is capped at 300 s.
import asyncio
import random


class TransientError(Exception):
    """may succeed the next time"""


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        for k in range(1, attempts + 1):
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                if k == attempts:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                d = delay * backoff ** (k - 1)
                pause = min(d, 300) + min(d, 300) * jitter * random.random()
                await asyncio.sleep(pause)
        q.task_done()
