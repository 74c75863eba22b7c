# label: wrong
# exercise: ex9_charge_once
# misconception: key-from-the-item
# contract: ex9 point 2: keys of orders in hand are looked up by the item's text, and several consumers may hold equal ones
# expect: Consumers that hold equal items at the same time share a key.
import asyncio
import random
import uuid

IN_HAND = {}


class TransientError(Exception):
    pass


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await charge(item, key=IN_HAND.setdefault(repr(item), str(uuid.uuid4())))
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
        IN_HAND.pop(repr(item), None)
        q.task_done()
