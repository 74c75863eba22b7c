# label: right
# exercise: ex9_charge_once
# contract: keeps every point; a count of the whole program that begins at a number drawn from very many
# expect: Passed.
import asyncio
import itertools
import random

NUMBERS = itertools.count(random.getrandbits(80))


class TransientError(Exception):
    pass

async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        key = str(next(NUMBERS))
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
