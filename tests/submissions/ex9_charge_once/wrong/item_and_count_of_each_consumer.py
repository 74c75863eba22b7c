# label: wrong
# exercise: ex9_charge_once
# misconception: key-from-a-counter
# contract: ex9 point 2: the item and a count, of which each consumer has one of its own
# expect: Two consumers that take equal items make the same keys.
import asyncio
import random
import uuid

RUN = uuid.uuid4().hex[:12]


class TransientError(Exception):
    pass


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    number = 0
    while True:
        item = await q.get()
        number += 1
        key = f"{item}-{RUN}-{number}"
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
