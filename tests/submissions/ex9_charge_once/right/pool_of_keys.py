# label: right
# exercise: ex9_charge_once
# contract: keeps every point; keys are drawn by the hundred, and each is given out once
# expect: Passed.
import asyncio
import random
import uuid


class TransientError(Exception):
    pass

class Pool:
    def __init__(self):
        self.keys = []

    def take(self):
        if not self.keys:
            self.keys = [str(uuid.uuid4()) for _ in range(100)]
        return self.keys.pop()


POOL = Pool()


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    async def settle(item, key):
        # Returns how many tries have failed.
        for failures in range(attempts):
            try:
                await charge(item, key=key)
            except TransientError:
                if failures + 1 < attempts:
                    d = delay * backoff ** failures
                    stats["retried"] += 1
                    await asyncio.sleep(d + random.uniform(0, d * jitter))
            else:
                return failures
        return attempts

    while True:
        failures = await settle(await q.get(), POOL.take())
        stats["failed" if failures == attempts else "consumed"] += 1
        q.task_done()
