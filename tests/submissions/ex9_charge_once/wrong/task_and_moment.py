# label: wrong
# exercise: ex9_charge_once
# misconception: key-from-the-clock
# contract: ex9 points 2 and 3: drawn for each consumer, with the time: a try may take no time
# expect: Two items that one consumer takes at the same moment carry one key.
import asyncio
import random
import time
import uuid


class TransientError(Exception):
    pass


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    mine = uuid.uuid4().hex
    while True:
        item = await q.get()
        key = f"{mine}-{time.time_ns()}"
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
