# label: wrong
# exercise: ex9_charge_once
# misconception: key-from-the-item
# contract: ex9 point 1: an item's own attribute `key` is taken for the key, and two items may have the same
# expect: Two items with the same attribute `key` share a key: an item is never looked into.
import asyncio
import random
import uuid


class TransientError(Exception):
    pass


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        key = getattr(item, "key", None) or str(uuid.uuid4())
        for attempt in range(1, attempts + 1):
            try:
                await charge(item, key=key)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    clean = delay * backoff ** (attempt - 1)
                    await asyncio.sleep(clean + random.uniform(0, clean * jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
