# label: right
# exercise: ex9_charge_once
# contract: keeps every point; an async generator gives items with their keys, and marks each as done when the next is asked for
# expect: Passed.
import asyncio
import random
import uuid
from contextlib import aclosing


class TransientError(Exception):
    pass

async def orders(q):
    while True:
        yield await q.get(), str(uuid.uuid4())
        q.task_done()


def pauses(delay, backoff, jitter, attempts):
    d = delay
    for _ in range(attempts - 1):
        yield d + random.uniform(0, d * jitter)
        d *= backoff


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    async with aclosing(orders(q)) as todo:
        async for item, key in todo:
            waits = pauses(delay, backoff, jitter, attempts)
            while True:
                try:
                    await charge(item, key=key)
                except TransientError:
                    wait = next(waits, None)
                    if wait is None:
                        stats["failed"] += 1
                        break
                    stats["retried"] += 1
                    await asyncio.sleep(wait)
                else:
                    stats["consumed"] += 1
                    break
