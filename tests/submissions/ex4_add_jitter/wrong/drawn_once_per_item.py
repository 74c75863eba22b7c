# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-once-per-item
# contract: ex4: all retries of an item use one draw
# expect: The random number is drawn once per item: draw afresh for every retry.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        pause = delay + random.uniform(0, delay * jitter)
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    await asyncio.sleep(pause)
                    pause *= backoff
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
