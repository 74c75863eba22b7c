# label: wrong
# exercise: ex3_add_backoff
# misconception: work-slots-limited
# contract: ex2 1 / ex3: with more than five consumers a waiting item is not begun at once
# expect: With more than five consumers a waiting item is not begun at once.
import asyncio
import random


class TransientError(Exception):
    """may succeed the next time"""


GATE = asyncio.Semaphore(5)


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
    while True:
        item = await q.get()
        async with GATE:
            for k in range(1, attempts + 1):
                try:
                    await process_item(item)
                    stats["consumed"] += 1
                    break
                except TransientError:
                    if k == attempts:
                        stats["failed"] += 1
                    else:
                        stats["retried"] += 1
                        await asyncio.sleep(delay * backoff ** (k - 1))
        q.task_done()
