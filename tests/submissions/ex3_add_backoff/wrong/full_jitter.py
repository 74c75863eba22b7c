# label: wrong
# exercise: ex3_add_backoff
# misconception: other-jitter-scheme
# contract: ex3 pauses: 'full jitter' from a cloud vendor's article: a random time between 0 and the pause is slept, not the pause
# expect: Another known scheme is used, such as full, equal or decorrelated jitter.
import asyncio
import random


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    pause = random.uniform(0, delay * backoff ** (attempt - 1))
                    stats["retried"] += 1
                    await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
