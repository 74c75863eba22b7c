# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-in-seconds
# contract: ex4: up to a second is added, whatever d and jitter are
# expect: Up to a whole second is added to waits of some hundredths: random.random() goes from 0 to 1, multiply it by d * jitter.
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
                    d = delay * backoff ** (attempt - 1)
                    stats["retried"] += 1
                    await asyncio.sleep(d + random.random())
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
