# label: wrong
# exercise: ex9_charge_once
# misconception: key-per-try
# contract: ex9 point 1: the number of the try is part of the key
# expect: The key of an item changes from try to try: leave the attempt out of it.
import asyncio
import random
import uuid


class TransientError(Exception):
    pass


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        order = uuid.uuid4()
        for attempt in range(1, attempts + 1):
            try:
                await charge(item, key=f"{order}-{attempt}")
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
