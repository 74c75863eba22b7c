# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-too-coarse
# contract: ex4: whole milliseconds only: 8 values in the window of 7.5 ms
# expect: Whole milliseconds only: 8 values in the window of 7.5 ms.
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
                pause = d + int(random.random() * d * jitter * 1000) / 1000
                await asyncio.sleep(pause)
        q.task_done()
