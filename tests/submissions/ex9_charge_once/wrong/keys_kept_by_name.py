# label: wrong
# exercise: ex9_charge_once
# misconception: key-shared-by-consumers
# contract: ex9 point 1: a dict keeps each consumer's key by its name, and consumers may go by one name
# expect: Consumers of one name write each other's key.
import asyncio
import random
import uuid

KEYS = {}


class TransientError(Exception):
    pass


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        KEYS[name] = str(uuid.uuid4())
        for attempt in range(1, attempts + 1):
            try:
                await charge(item, key=KEYS[name])
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
