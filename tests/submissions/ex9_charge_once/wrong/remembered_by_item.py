# label: wrong
# exercise: ex9_charge_once
# misconception: key-from-the-item
# contract: ex9 point 2: a dict remembers the key of each item, and takes equal items for one
# expect: Two equal items share a key.
import asyncio
import random
import uuid

KEYS = {}


class TransientError(Exception):
    pass


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await charge(item, key=KEYS.setdefault(item, str(uuid.uuid4())))
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
