# label: wrong
# exercise: ex9_charge_once
# misconception: key-from-a-counter
# contract: ex9 point 3: a count of the whole program, which begins anew in the next run
# expect: The next run of the program makes the same keys.
import asyncio
import random
import itertools

NUMBERS = itertools.count(1)


class TransientError(Exception):
    pass


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        key = f"order-{next(NUMBERS):06}"
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
