# label: right
# exercise: ex2_build_retry_loop
# contract: keeps every point: get() is waited for anew after each time-out
# expect: Passed.
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
            continue
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
