# label: wrong
# exercise: ex3_add_backoff
# misconception: consumer-prefetches
# contract: ex3 ex2 point 1: a waiting item is begun at once (an idle consumer is there to begin it): While it sleeps, the consumer already fetches its next item and keeps it in hand. Shows with two consumers: one sleeps on a long pause, the other becomes idle, and the item in the sleeper's hand is begun only when the sleeper is through
# expect: A consumer takes further items before it has finished the one that it holds.

import asyncio
import time
from collections import Counter


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
    ahead = None  # the next item, asked for during a pause
    try:
        while True:
            item = await (ahead or q.get())
            ahead = None
            for k in range(1, attempts + 1):
                try:
                    await process_item(item)
                except TransientError:
                    if k < attempts:
                        stats["retried"] += 1
                        if ahead is None:
                            ahead = asyncio.create_task(q.get())
                        await asyncio.sleep(delay * backoff ** (k - 1))
                else:
                    stats["consumed"] += 1
                    break
            else:
                stats["failed"] += 1
            q.task_done()
    finally:
        if ahead is not None:
            ahead.cancel()
