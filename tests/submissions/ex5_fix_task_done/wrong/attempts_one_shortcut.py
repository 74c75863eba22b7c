# label: wrong
# exercise: ex5_fix_task_done
# misconception: task-done-missing-when-given-up
# contract: ex5 point 2: The shortcut for attempts=1 forgets task_done() when the only try fails; shows for attempts=1 with a permanent failure: run_pipeline hangs
# expect: task_done() is not called for items that are given up on.
"""Notices by mail; without retries there is no need for a loop."""

import asyncio
import random


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    """Settle one item after the other, until cancelled."""
    while True:
        item = await q.get()
        if attempts == 1:
            try:
                await process_item(item)
                stats["consumed"] += 1
                q.task_done()
            except TransientError:
                stats["failed"] += 1
            continue
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
        await q.join()
        for task in crew:
            task.cancel()
    return stats
