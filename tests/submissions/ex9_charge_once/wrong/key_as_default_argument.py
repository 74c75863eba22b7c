# label: wrong
# exercise: ex9_charge_once
# misconception: key-made-once
# contract: ex9 point 2: the key is a default argument, which is evaluated once
# expect: All items carry one key: only the first is charged.
import asyncio
import random
import uuid


class TransientError(Exception):
    pass

async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25,
                   key=str(uuid.uuid4())):
    while True:
        item = await q.get()
        left, d = attempts, delay
        while left:
            left -= 1
            try:
                await charge(item, key=key)
                stats["consumed"] += 1
                break
            except TransientError:
                if left:
                    stats["retried"] += 1
                    await asyncio.sleep(d + random.uniform(0, d * jitter))
                    d *= backoff
                else:
                    stats["failed"] += 1
        q.task_done()
