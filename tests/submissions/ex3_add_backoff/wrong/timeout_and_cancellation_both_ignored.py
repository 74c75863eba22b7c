# label: wrong
# exercise: ex3_add_backoff
# misconception: state-shared-between-runs
# contract: ex2 4: a cancellation during the wait is swallowed
# expect: A cancellation during the wait is swallowed.
import asyncio
import random


class TransientError(Exception):
    """may succeed the next time"""


stop = asyncio.Event()


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                if attempt == attempts:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                try:
                    await asyncio.wait_for(stop.wait(), delay * backoff ** (attempt - 1))
                except (asyncio.TimeoutError, asyncio.CancelledError):
                    pass
        q.task_done()
