# label: wrong
# exercise: ex9_charge_once
# misconception: key-from-the-clock
# contract: ex9 points 2 and 3: the consumer's name and the loop's time, and consumers of one name may take an item at the same moment
# expect: Two consumers of one name that take an item at the same moment make the same key.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        key = f"{name}@{asyncio.get_running_loop().time()}"
        for attempt in range(1, attempts + 1):
            try:
                await charge(item, key=key)
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
