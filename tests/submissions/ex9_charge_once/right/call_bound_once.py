# label: right
# exercise: ex9_charge_once
# contract: keeps every point; item and key are bound into one call, which a helper repeats by recursion
# expect: Passed.
import asyncio
import random
from functools import partial
from uuid import uuid4


class TransientError(Exception):
    pass

async def persist(call, left, pause, backoff, jitter, on_retry):
    try:
        await call()
    except TransientError:
        if left == 1:
            return "failed"
    else:
        return "consumed"
    on_retry()
    await asyncio.sleep(random.uniform(pause, pause * (1 + jitter)))
    return await persist(call, left - 1, pause * backoff, backoff, jitter, on_retry)


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    def on_retry():
        stats["retried"] += 1

    while True:
        item = await q.get()
        call = partial(charge, item, key=f"order-{uuid4().hex}")
        stats[await persist(call, attempts, delay, backoff, jitter, on_retry)] += 1
        q.task_done()
