# label: wrong
# exercise: ex4_add_jitter
# misconception: default-changed
# contract: the signature: jitter=0.25 is its default, here it is 0.1
# expect: Called without jitter, the random parts use less than half of the window. The default is jitter=0.25.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.1) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    d = delay * backoff ** (attempt - 1)
                    stats["retried"] += 1
                    await asyncio.sleep(d + random.uniform(0, d * jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
