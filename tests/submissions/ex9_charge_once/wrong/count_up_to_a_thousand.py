# label: wrong
# exercise: ex9_charge_once
# misconception: keys-too-few
# contract: ex9 point 2: drawn for the run, with a count that begins again after a thousand items
# expect: Of 1,150 items the last 150 carry keys of the first.
import asyncio
import random
import itertools
import uuid

RUN = uuid.uuid4().hex
NUMBERS = itertools.cycle(range(1000))


class TransientError(Exception):
    pass


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        key = f"{RUN}-{next(NUMBERS)}"
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
