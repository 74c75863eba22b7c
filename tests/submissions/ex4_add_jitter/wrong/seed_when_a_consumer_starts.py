# label: wrong
# exercise: ex4_add_jitter
# misconception: seeded-in-step
# contract: ex4: starting a consumer sets the generator back
# expect: Each consumer seeds the shared generator when it starts: a later start repeats the numbers of the earlier ones.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    random.seed(2024)      # reproducible runs
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    d = delay * backoff ** (attempt - 1)
                    await asyncio.sleep(d + random.uniform(0, d * jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
