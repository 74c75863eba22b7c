# label: right
# exercise: ex9_charge_once
# contract: keeps every point; the key stands in a context variable, of which each task has its own
# expect: Passed.
import asyncio
import random
import uuid
from contextvars import ContextVar

KEY = ContextVar("key")


class TransientError(Exception):
    pass

async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    async def attempt(item):
        try:
            await charge(item, key=KEY.get())
        except TransientError:
            return False
        return True

    while True:
        item = await q.get()
        KEY.set(str(uuid.uuid4()))
        paid, failures = await attempt(item), 1
        while not paid and failures < attempts:
            d = delay * backoff ** (failures - 1)
            stats["retried"] += 1
            await asyncio.sleep(d + random.uniform(0, d * jitter))
            paid, failures = await attempt(item), failures + 1
        stats["consumed" if paid else "failed"] += 1
        q.task_done()
