# label: wrong
# exercise: ex9_charge_once
# misconception: key-from-the-clock
# contract: ex9 point 3: the generator is seeded with the time of the start: a copy may start at the same moment
# expect: Two runs that start at the same moment make the same keys.
import asyncio
import random
import time

DICE = None


class TransientError(Exception):
    pass


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    global DICE
    if DICE is None:
        DICE = random.Random(time.time())
    while True:
        item = await q.get()
        key = f"{DICE.getrandbits(96):024x}"
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
