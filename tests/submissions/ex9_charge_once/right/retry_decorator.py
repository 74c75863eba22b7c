# label: right
# exercise: ex9_charge_once
# contract: keeps every point; a decorator draws the key when the decorated function is called, outside of its loop
# expect: Passed.
import asyncio
import functools
import random
import uuid


class TransientError(Exception):
    pass

class GaveUp(Exception):
    pass


def retrying(stats, attempts, delay, backoff, jitter):
    def decorate(function):
        @functools.wraps(function)
        async def again(item):
            key = str(uuid.uuid4())
            for k in range(1, attempts + 1):
                try:
                    return await function(item, key)
                except TransientError as error:
                    if k == attempts:
                        raise GaveUp from error
                d = delay * backoff ** (k - 1)
                stats["retried"] += 1
                await asyncio.sleep(d * random.uniform(1, 1 + jitter))

        return again

    return decorate


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    @retrying(stats, attempts, delay, backoff, jitter)
    async def pay(item, key):
        await charge(item, key=key)

    while True:
        item = await q.get()
        try:
            await pay(item)
        except GaveUp:
            stats["failed"] += 1
        else:
            stats["consumed"] += 1
        q.task_done()
