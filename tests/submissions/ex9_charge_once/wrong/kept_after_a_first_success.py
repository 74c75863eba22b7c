# label: wrong
# exercise: ex9_charge_once
# misconception: key-carried-on
# contract: ex9 point 2: the key is drawn anew only behind an item that failed at least once
# expect: An item that succeeds at once leaves its key to the next.
import asyncio
import random
import uuid


class TransientError(Exception):
    pass


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    key, used = str(uuid.uuid4()), False
    while True:
        item = await q.get()
        if used:
            key, used = str(uuid.uuid4()), False
        for attempt in range(1, attempts + 1):
            try:
                await charge(item, key=key)
            except TransientError:
                used = True
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
