# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-fixed-seed
# contract: ex4: one shared generator with a fixed seed, so every run of the program draws the same
# expect: The generator has a fixed seed: a hundred copies of the program draw the same numbers. Leave it unseeded.
import asyncio
import random
import time


class TransientError(Exception):
    pass


rng = random.Random(1)


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
                    await asyncio.sleep(d + rng.uniform(0, d * jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
