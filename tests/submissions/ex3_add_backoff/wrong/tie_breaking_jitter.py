# label: wrong
# exercise: ex3_add_backoff
# misconception: pause-padded
# contract: ex3 `delay * backoff ** (k - 1)` seconds pass (exact to within a microsecond): Up to half a millisecond of random time is added, 'so that no two consumers come back in the same instant'. Shows on practically every retry, as 0 to 0.5 ms too much
# expect: Something is added to every wait that nobody asked for.

import asyncio
import random
import time
from collections import Counter


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
    while True:
        item = await q.get()
        for k in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if k < attempts:
                    stats["retried"] += 1
                    await asyncio.sleep(delay * backoff ** (k - 1) + random.uniform(0, 0.0005))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
