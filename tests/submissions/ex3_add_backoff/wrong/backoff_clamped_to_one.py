# label: wrong
# exercise: ex3_add_backoff
# misconception: delay-floored
# contract: ex3 `delay * backoff ** (k - 1)` seconds pass: "A backoff must not shrink": backoff below 1 is taken as 1. Shows from the second retry on for backoff < 1 (delay > 0)
# expect: The wait has a lower limit that nobody asked for.

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
                    await asyncio.sleep(delay * max(1.0, backoff) ** (k - 1))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
