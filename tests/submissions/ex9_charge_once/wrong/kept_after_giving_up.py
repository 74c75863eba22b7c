# label: wrong
# exercise: ex9_charge_once
# misconception: key-carried-on
# contract: ex9 point 2: only a success lets the key go, so the item behind one that was given up on has its key
# expect: After an item that was given up on the next one carries its key.
import asyncio
import random
import uuid


class TransientError(Exception):
    pass


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    key = None
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            key = key or str(uuid.uuid4())
            try:
                await charge(item, key=key)
            except TransientError:
                if attempt < attempts:
                    clean = delay * backoff ** (attempt - 1)
                    stats["retried"] += 1
                    await asyncio.sleep(clean + random.uniform(0, clean * jitter))
            else:
                stats["consumed"] += 1
                key = None
                break
        else:
            stats["failed"] += 1
        q.task_done()
