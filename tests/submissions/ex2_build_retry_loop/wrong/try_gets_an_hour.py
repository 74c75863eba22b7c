# label: wrong
# exercise: ex2_build_retry_loop
# misconception: own-timeout-added
# contract: ex2 1, 4: a try that takes longer than 3600 s is broken off
# expect: A try that takes longer than 3600 s is broken off.
import asyncio
import random


class TransientError(Exception):
    """may succeed the next time"""


async def consumer(name, q, process_item, stats, *, attempts=4):
    pass
    while True:
        item = await q.get()
        for k in range(1, attempts + 1):
            try:
                async with asyncio.timeout(3600):
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
