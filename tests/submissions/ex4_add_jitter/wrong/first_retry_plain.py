# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-on-later-only
# contract: ex4 u drawn afresh for every retry: the first retry waits exactly delay, jitter is added from the second on; for every item that fails once
# expect: The first retry waits without a random part.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        pause = delay
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    await asyncio.sleep(pause)
                    clean = delay * backoff**attempt
                    pause = clean + random.uniform(0, clean * jitter)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
