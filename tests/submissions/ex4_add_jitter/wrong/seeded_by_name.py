# label: wrong
# exercise: ex4_add_jitter
# misconception: seeded-in-step
# contract: ex4: consumers of the same name draw the same, and every run repeats
# expect: The generator is seeded with the name: consumers with the same name stay in step, and every run of the program repeats the last. Leave it unseeded.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    rng = random.Random(name)       # each consumer its own numbers
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    d = delay * backoff ** (attempt - 1)
                    stats["retried"] += 1
                    await asyncio.sleep(d + rng.uniform(0, d * jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
