# label: wrong
# exercise: ex3_add_backoff
# misconception: delay-capped
# contract: ex3 `delay * backoff ** (k - 1)` seconds pass: The exponent is capped at 5 against overflow: the delay stops growing. Shows from failed try 7 on (attempts >= 8), delay > 0, backoff != 1
# expect: The wait has an upper limit that nobody asked for.

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
                    await asyncio.sleep(delay * backoff ** min(k - 1, 5))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
