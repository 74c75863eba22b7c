# label: wrong
# exercise: ex3_add_backoff
# misconception: formula-breaks-down
# contract: ex3 `delay * backoff ** (k - 1)` seconds pass (and ex2 point 1, 2): The power is worked out with logarithms: math.log(0) is a ValueError that ends the consumer. Shows for delay=0 only, at the first retry
# expect: A formula has no answer for some settings.

import asyncio
import math
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
                    await asyncio.sleep(math.exp(math.log(delay) + (k - 1) * math.log(backoff)))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
