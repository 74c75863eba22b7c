# label: wrong
# exercise: ex4_add_jitter
# misconception: seeded-in-step
# contract: ex4: consumers that fail at the same moment seed with the same time
# expect: The generator is seeded with the time: consumers that fail at the same moment draw the same number and come back together.
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
                    rng = random.Random(int(time.time() * 1000))
                    d = delay * backoff ** (attempt - 1)
                    stats["retried"] += 1
                    await asyncio.sleep(d + rng.uniform(0, d * jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
