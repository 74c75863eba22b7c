# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-not-random
# contract: ex4 draws are independent between consumers, whatever their names; u drawn at random for every retry: the consumer called C1 keeps the plain delay so that the others spread around it; for that name only
# expect: Nothing is random in the wait.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    if name == "C1":  # somebody has to be first
        jitter = 0
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    clean = delay * backoff ** (attempt - 1)
                    stats["retried"] += 1
                    await asyncio.sleep(clean + random.uniform(0, clean * jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
