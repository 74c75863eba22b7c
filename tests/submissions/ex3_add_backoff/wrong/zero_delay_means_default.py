# label: wrong
# exercise: ex3_add_backoff
# misconception: zero-taken-for-default
# contract: ex3 `delay * backoff ** (k - 1)` seconds pass: `delay or 0.03`: a delay of 0 is taken for 'not given'. Shows for delay=0 only
# expect: jitter=0 is taken for "not given".

import asyncio
import time
from collections import Counter


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
    delay = delay or 0.03
    while True:
        item = await q.get()
        for k in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if k < attempts:
                    stats["retried"] += 1
                    await asyncio.sleep(delay * backoff ** (k - 1))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
