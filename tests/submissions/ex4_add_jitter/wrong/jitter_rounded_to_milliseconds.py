# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-too-coarse
# contract: ex4: whole milliseconds only: at most 9 values in the window of 7.5 ms, and up to half a millisecond beyond it
# expect: Whole milliseconds only: at most 9 values in the window of 7.5 ms, and up to half a millisecond beyond it.
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
                pause = d + round(random.uniform(0, d * jitter), 3)
                await asyncio.sleep(pause)
        q.task_done()
