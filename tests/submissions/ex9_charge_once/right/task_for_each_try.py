# label: right
# exercise: ex9_charge_once
# contract: keeps every point; each try is a task of its own, which is cancelled with the consumer
# expect: Passed.
import asyncio
import random
import uuid


class TransientError(Exception):
    pass

async def in_a_task(coroutine):
    task = asyncio.create_task(coroutine)
    try:
        await asyncio.wait([task])
    finally:
        task.cancel()
    if task.cancelled():
        raise asyncio.CancelledError
    return task.exception()


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        key = uuid.uuid4().urn
        k = 1
        while (error := await in_a_task(charge(item, key=key))) is not None:
            if not isinstance(error, TransientError):
                raise error
            if k == attempts:
                break
            d = delay * backoff ** (k - 1)
            stats["retried"] += 1
            await asyncio.sleep(d + random.uniform(0, d * jitter))
            k += 1
        stats["failed" if error else "consumed"] += 1
        q.task_done()
