# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-not-uniform
# contract: ex4 u drawn uniformly from 0 to d * jitter: a coin decides whether a retry gets jitter at all: half of the waits are exactly d; for every jitter > 0
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
                    pause = delay * backoff ** (attempt - 1)
                    if random.choice((True, False)):
                        pause += random.uniform(0, pause * jitter)
                    stats["retried"] += 1
                    await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
