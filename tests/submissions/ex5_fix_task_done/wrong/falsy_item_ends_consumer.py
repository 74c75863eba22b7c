# label: wrong
# exercise: ex5_fix_task_done
# misconception: falsy-item-taken-for-end
# contract: ex5 point 1: Ends by a None per consumer, but tests it by `not item`; shows with falsy items (0, '', [], False): they send consumers home, items are lost or the producer hangs
# expect: An item like 0 or "" is taken for the end, or for nothing.
"""Notices by mail; None closes the shop."""

import asyncio
import random


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    """Settle one item after the other, until cancelled."""
    while True:
        item = await q.get()
        if not item:
            return
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    clean = delay * backoff ** (attempt - 1)
                    pause = clean + random.uniform(0, clean * jitter)
                    stats["retried"] += 1
                    await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
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
        for _ in crew:
            await q.put(None)
    return stats
