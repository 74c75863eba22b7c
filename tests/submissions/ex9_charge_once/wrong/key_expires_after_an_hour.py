# label: wrong
# exercise: ex9_charge_once
# misconception: key-per-try
# contract: ex9 point 1: after an hour of tries the key is taken for old, and drawn anew
# expect: All tries of an item carry one key, however long they take.
import asyncio
import random
import time
import uuid


class TransientError(Exception):
    pass


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        key, made = str(uuid.uuid4()), time.monotonic()
        for attempt in range(1, attempts + 1):
            if time.monotonic() - made > 3600:
                key, made = str(uuid.uuid4()), time.monotonic()
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
