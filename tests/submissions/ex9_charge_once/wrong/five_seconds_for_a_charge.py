# label: wrong
# exercise: ex9_charge_once
# misconception: own-timeout-added
# contract: ex9 point 5: a try is cut off after a time of its own
# expect: A try was cut off: it may take as long as it needs.
import asyncio
import random
import uuid


class TransientError(Exception):
    pass


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        key = str(uuid.uuid4())
        for attempt in range(1, attempts + 1):
            try:
                await asyncio.wait_for(charge(item, key=key), 60)
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
