# label: wrong
# exercise: ex9_charge_once
# misconception: key-is-no-text
# contract: ex9 point 1: the first try has an empty key, only retries have one
# expect: The first try carried an empty str as its key.
import asyncio
import random
import uuid


class TransientError(Exception):
    pass


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        key = ""
        for attempt in range(1, attempts + 1):
            try:
                await charge(item, key=key)
            except TransientError:
                key = key or str(uuid.uuid4())
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
