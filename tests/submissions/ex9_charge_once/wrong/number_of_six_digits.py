# label: wrong
# exercise: ex9_charge_once
# misconception: keys-too-few
# contract: ex9 point 3: a random number of six digits
# expect: A million keys are too few: among 1,200 items two are the same in half of all runs.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        key = f"order-{random.randint(0, 999_999):06}"
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
