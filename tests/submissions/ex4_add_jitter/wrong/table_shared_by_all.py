# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-cycled-list
# contract: ex4: all consumers read the same table of draws from its start
# expect: All consumers go through one table of numbers from its start: the first retry of each waits the same. Draw afresh for every retry.
import asyncio
import random

TABLE = [random.random() for _ in range(1000)]


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    position = 0
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    d = delay * backoff ** (attempt - 1)
                    u = TABLE[position % len(TABLE)]
                    position += 1
                    stats["retried"] += 1
                    await asyncio.sleep(d + d * jitter * u)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
