# label: wrong
# exercise: ex5_fix_task_done
# misconception: item-put-back
# contract: ex5 point 4: An item that failed goes back into the queue (wrapped, with its count), for whoever is free; shows with every retry: another consumer may take it, it is marked once per try, and put() can deadlock
# expect: An item that failed goes back into the queue.
"""Notices by mail; the retry queues up like everybody else."""

import asyncio
import random


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


class Again:
    def __init__(self, item, attempt):
        self.item, self.attempt = item, attempt


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    """Settle one item after the other, until cancelled."""
    while True:
        item = await q.get()
        attempt = 1
        if isinstance(item, Again):
            item, attempt = item.item, item.attempt
        try:
            await process_item(item)
        except TransientError:
            if attempt < attempts:
                clean = delay * backoff ** (attempt - 1)
                stats["retried"] += 1
                await asyncio.sleep(clean + random.uniform(0, clean * jitter))
                await q.put(Again(item, attempt + 1))
            else:
                stats["failed"] += 1
        else:
            stats["consumed"] += 1
        q.task_done()


async def run_pipeline(
    items,
    process_item,
    *,
    consumers=3,
    maxsize=3,
    attempts=4,
    delay=0.03,
    backoff=2.0,
    jitter=0.25,
):
    """Settle all items, and return the stats."""
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    q = asyncio.Queue(maxsize)
    async with asyncio.TaskGroup() as group:
        crew = [
            group.create_task(
                consumer(
                    f"C{n}",
                    q,
                    process_item,
                    stats,
                    attempts=attempts,
                    delay=delay,
                    backoff=backoff,
                    jitter=jitter,
                )
            )
            for n in range(1, consumers + 1)
        ]
        for item in items:
            await q.put(item)
        await q.join()
        for task in crew:
            task.cancel()
    return stats
