# label: wrong
# exercise: ex5_fix_task_done
# misconception: returns-without-waiting
# contract: ex5 point 1: join() is awaited while the feeder is still putting; shows when the queue runs empty in between, for work that takes no time and more than maxsize items: returns early, items are lost
# expect: Nothing waits for the last items.
"""Notices by mail; a feeder feeds, and the pipeline joins."""

import asyncio
import random


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    """Settle one item after the other, until cancelled."""
    while True:
        item = await q.get()
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
    async def feed():
        for item in items:
            await q.put(item)

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
        feeder = group.create_task(feed())
        await asyncio.sleep(0)  # let it put the first ones
        await q.join()
        feeder.cancel()
        for task in crew:
            task.cancel()
    return stats
