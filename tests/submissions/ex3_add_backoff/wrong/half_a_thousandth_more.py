# label: wrong
# exercise: ex3_add_backoff
# misconception: wrong-pause
# contract: ex3: 0.05 % too long (15 microseconds of 30 ms)
# expect: 0.05 % too long (15 microseconds of 30 ms).
import asyncio
import random


class TransientError(Exception):
    """may succeed the next time"""


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                if attempt == attempts:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                await asyncio.sleep(delay * backoff ** (attempt - 1) * 1.0005)
        q.task_done()
