# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-not-uniform
# contract: ex4 u drawn uniformly from 0 to d * jitter: full jitter over d * (1 + jitter), never below d: with the default four waits in five are exactly d; for every jitter > 0
# expect: Some random parts are likelier than others.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    base = delay * backoff ** (attempt - 1)
                    stats["retried"] += 1
                    await asyncio.sleep(max(base, random.uniform(0, base * (1 + jitter))))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
