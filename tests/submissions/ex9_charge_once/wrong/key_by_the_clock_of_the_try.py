# label: wrong
# exercise: ex9_charge_once
# misconception: key-per-try
# contract: ex9 point 1: the time of each try is its key
# expect: The key of an item changes from try to try.
import asyncio
import random
import time


class TransientError(Exception):
    pass


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await charge(item, key=f"{name}-{time.time_ns()}")
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
