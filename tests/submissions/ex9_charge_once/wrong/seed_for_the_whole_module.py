# label: wrong
# exercise: ex9_charge_once
# misconception: jitter-fixed-seed
# contract: ex9 point 5: the module's generator is seeded, for keys that are drawn elsewhere now; the pauses still come from it
# expect: Two runs of the program draw the same random parts: no fixed seed.
import asyncio
import random
import uuid

random.seed(42)  # so that the keys can be told in a test


class TransientError(Exception):
    pass


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        key = str(uuid.uuid4())
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
