# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-not-uniform
# contract: ex4: the random part is normally distributed
# expect: gauss() prefers small values and has no upper limit: the random part should be uniform between 0 and d * jitter.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    d = delay * backoff ** (attempt - 1)
                    await asyncio.sleep(d + abs(random.gauss(0, d * jitter / 3)))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
