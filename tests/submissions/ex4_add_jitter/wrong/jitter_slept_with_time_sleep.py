# label: wrong
# exercise: ex4_add_jitter
# misconception: blocks-the-loop
# contract: ex4: the random part is slept with time.sleep()
# expect: The random part is slept with time.sleep(), which stops all other consumers: add it to the argument of asyncio.sleep().
import asyncio
import random
import time


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
                    await asyncio.sleep(d)
                    time.sleep(random.uniform(0, d * jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
