# label: right
# exercise: ex3_add_backoff
# contract: keeps every point: both clocks are read in whole microseconds, the wait is off by less than one
# expect: Passed.
import asyncio
import random


class TransientError(Exception):
    """may succeed the next time"""


from datetime import datetime, timezone


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
                deadline = datetime.now(timezone.utc).timestamp() + delay * backoff ** (attempt - 1)
                while (left := deadline - datetime.now(timezone.utc).timestamp()) > 0:
                    await asyncio.sleep(left)
        q.task_done()
