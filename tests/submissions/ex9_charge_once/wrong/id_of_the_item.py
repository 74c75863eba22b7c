# label: wrong
# exercise: ex9_charge_once
# misconception: key-from-the-item
# contract: ex9 point 2: the key is drawn for the run, with the address of the item: one object may come twice
# expect: The same object that was ordered twice carries one key.
import asyncio
import random
import uuid

RUN = uuid.uuid4()


class TransientError(Exception):
    pass


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        key = f"{RUN}-{id(item)}"
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
