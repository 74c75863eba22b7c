# label: wrong
# exercise: ex9_charge_once
# misconception: key-shared-by-consumers
# contract: ex9 point 1: the key stands in a global variable that all consumers write
# expect: A retry carries the key of an item that another consumer took meanwhile: keep it in a local variable.
import asyncio
import random
import uuid

KEY = None


class TransientError(Exception):
    pass


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    global KEY
    while True:
        item = await q.get()
        KEY = str(uuid.uuid4())
        for attempt in range(1, attempts + 1):
            try:
                await charge(item, key=KEY)
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
