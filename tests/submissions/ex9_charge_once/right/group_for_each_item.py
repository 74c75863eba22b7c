# label: right
# exercise: ex9_charge_once
# contract: keeps every point; each item is settled in a TaskGroup of its own, whose error is unpacked
# expect: Passed.
import asyncio
import random
import uuid


class TransientError(Exception):
    pass

async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    async def settle(item, key):
        for k in range(1, attempts + 1):
            try:
                await charge(item, key=key)
                return "consumed"
            except TransientError:
                if k < attempts:
                    d = delay * backoff ** (k - 1)
                    stats["retried"] += 1
                    await asyncio.sleep(d + random.uniform(0, d * jitter))
        return "failed"

    while True:
        item = await q.get()
        try:
            async with asyncio.TaskGroup() as group:
                work = group.create_task(settle(item, str(uuid.uuid4())))
        except BaseExceptionGroup:
            if work.cancelled():
                raise
            raise work.exception() from None
        if work.cancelled():
            raise asyncio.CancelledError
        stats[work.result()] += 1
        q.task_done()
