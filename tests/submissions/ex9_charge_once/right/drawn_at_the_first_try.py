# label: right
# exercise: ex9_charge_once
# contract: keeps every point; the key is drawn when it is first needed, and let go behind every item, in a finally
# expect: Passed.
import asyncio
import random
import uuid


class TransientError(Exception):
    pass

class Till:
    def __init__(self, charge):
        self.charge = charge
        self.key = None

    async def pay(self, item):
        if self.key is None:
            self.key = str(uuid.uuid4())
        await self.charge(item, key=self.key)


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    till = Till(charge)
    while True:
        item = await q.get()
        try:
            for k in range(1, attempts + 1):
                try:
                    await till.pay(item)
                except TransientError:
                    if k == attempts:
                        stats["failed"] += 1
                        break
                    d = delay * backoff ** (k - 1)
                    stats["retried"] += 1
                    await asyncio.sleep(d + random.uniform(0, d * jitter))
                else:
                    stats["consumed"] += 1
                    break
        finally:
            till.key = None
        q.task_done()
