# label: right
# exercise: ex9_charge_once
# contract: keeps every point; one random part for the run of the program, and a count behind it
# expect: Passed.
import asyncio
import itertools
import random
import uuid

RUN = uuid.uuid4().hex
NUMBERS = itertools.count(1)


class TransientError(Exception):
    pass

async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        key = f"{RUN}/{next(NUMBERS)}"
        failures = 0
        while True:
            try:
                await charge(item, key=key)
                stats["consumed"] += 1
                break
            except TransientError:
                failures += 1
            if failures == attempts:
                stats["failed"] += 1
                break
            d = delay * backoff ** (failures - 1)
            stats["retried"] += 1
            await asyncio.sleep(d + random.random() * d * jitter)
        q.task_done()
