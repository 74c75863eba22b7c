# label: wrong
# exercise: ex3_add_backoff
# misconception: formula-breaks-down
# contract: ex3 `delay * backoff ** (k - 1)` seconds pass (and ex2 point 1, 2): The pause is the difference of two sums of the geometric series, whose closed form divides by backoff - 1: ZeroDivisionError ends the consumer. Shows for backoff=1 only, at the first retry
# expect: A formula has no answer for some settings.

import asyncio
import time
from collections import Counter


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
    def waited(retries):
        """All the pauses before the first `retries` retries, added up."""
        return delay * (backoff**retries - 1) / (backoff - 1)
    while True:
        item = await q.get()
        for k in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if k < attempts:
                    stats["retried"] += 1
                    await asyncio.sleep(waited(k) - waited(k - 1))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
