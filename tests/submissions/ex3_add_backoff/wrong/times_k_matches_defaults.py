# label: wrong
# exercise: ex3_add_backoff
# misconception: linear-backoff
# contract: ex3 `delay * backoff ** (k - 1)` seconds pass: delay * backoff * (k - 1) instead of a power: d, d*b, 2*d*b, 3*d*b. Equal to the contract for all three retries of the defaults; shows for backoff != 2 from the third retry on (attempts >= 4), for backoff == 2 from the fourth (attempts >= 5)
# expect: The wait grows by adding instead of multiplying.

import asyncio
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
                    await asyncio.sleep(delay * backoff * (k - 1) if k > 1 else delay)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
