# label: wrong
# exercise: ex2_build_retry_loop
# misconception: consumer-ends-on-empty-queue
# contract: ex2: runs until cancelled; leaves after 3600 s without an item
# expect: Runs until cancelled; leaves after 3600 s without an item.
import asyncio
import random


class TransientError(Exception):
    """may succeed the next time"""


async def consumer(name, q, process_item, stats, *, attempts=4):
    pass
    while True:
        try:
            item = await asyncio.wait_for(q.get(), 3600)
        except asyncio.TimeoutError:
            return
        for k in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if k == attempts:
                    stats["failed"] += 1
                else:
                    stats["retried"] += 1
            else:
                stats["consumed"] += 1
                break
        q.task_done()
