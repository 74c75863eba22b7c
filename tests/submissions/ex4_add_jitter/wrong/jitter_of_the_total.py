# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-compounds
# contract: ex4: the random parts of earlier waits are added again
# expect: The random parts add up: each retry waits those of the earlier ones as well. Draw one for each wait, and forget it.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        extra = 0.0
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    d = delay * backoff ** (attempt - 1)
                    extra += random.uniform(0, d * jitter)
                    stats["retried"] += 1
                    await asyncio.sleep(d + extra)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
