# label: wrong
# exercise: ex3_add_backoff
# misconception: backoff-one-step-behind
# contract: ex3: no time passes before the first retry
# expect: No time passes before the first retry.
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
                await asyncio.sleep(0 if attempt <= 1 else delay * backoff ** (attempt - 1))
        q.task_done()
