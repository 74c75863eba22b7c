# label: wrong
# exercise: ex9_charge_once
# misconception: key-from-the-name
# contract: ex9 point 2: each consumer has a generator that is seeded by its name
# expect: Two consumers of one name make the same keys.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    dice = random.Random(name)
    while True:
        item = await q.get()
        key = f"{dice.getrandbits(128):x}"
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
