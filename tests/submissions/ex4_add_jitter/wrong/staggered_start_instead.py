# label: wrong
# exercise: ex4_add_jitter
# misconception: sleeps-before-first-try
# contract: ex4: the first try is delayed instead of the retries
# expect: The random part delays the first try of an item; it belongs to the wait before each retry.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        await asyncio.sleep(random.uniform(0, delay * jitter))      # spread the consumers
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    d = delay * backoff ** (attempt - 1)
                    await asyncio.sleep(d)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
