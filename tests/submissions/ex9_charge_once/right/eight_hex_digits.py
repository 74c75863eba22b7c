# label: right
# exercise: ex9_charge_once
# contract: keeps every point; of a uuid eight digits are kept, which are enough
# expect: Passed.
import asyncio
import random
import uuid


class TransientError(Exception):
    pass

class Patience:
    """Absorbs a TransientError, and knows whether the try went well."""

    def __enter__(self):
        self.well = False
        return self

    def __exit__(self, kind, error, trace):
        self.well = kind is None
        return isinstance(error, TransientError)


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        key = uuid.uuid4().hex[:8]
        for k in range(1, attempts + 1):
            with Patience() as patience:
                await charge(item, key=key)
            if patience.well:
                stats["consumed"] += 1
                break
            if k < attempts:
                stats["retried"] += 1
                d = delay * backoff ** (k - 1)
                await asyncio.sleep(d + d * jitter * random.random())
        else:
            stats["failed"] += 1
        q.task_done()
