# label: right
# exercise: ex9_charge_once
# contract: keeps every point; a hash, of a namespace that is drawn for each order
# expect: Passed.
import asyncio
import random
import uuid


class TransientError(Exception):
    pass

async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    def draw_key(item):
        return str(uuid.uuid5(uuid.uuid4(), f"{name}: {item}"))

    def pause(k):
        d = delay * backoff ** (k - 1)
        return d + random.uniform(0, d * jitter)

    while True:
        item = await q.get()
        key = draw_key(item)
        paid = False
        for k in range(1, attempts + 1):
            results = await asyncio.gather(charge(item, key=key), return_exceptions=True)
            error = results[0]
            if not isinstance(error, BaseException):
                paid = True
                break
            if not isinstance(error, TransientError):
                raise error
            if k < attempts:
                stats["retried"] += 1
                await asyncio.sleep(pause(k))
        stats["consumed" if paid else "failed"] += 1
        q.task_done()
