# label: wrong
# exercise: ex9_charge_once
# misconception: key-made-once
# contract: ex9 point 2: each consumer draws one key, before it takes its first item
# expect: All items of a consumer carry one key: only the first is charged.
import asyncio
import random
import uuid


class TransientError(Exception):
    pass


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    key = str(uuid.uuid4())
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
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
