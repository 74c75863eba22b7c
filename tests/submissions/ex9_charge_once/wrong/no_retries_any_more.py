# label: wrong
# exercise: ex9_charge_once
# misconception: no-retry
# contract: ex9 point 5: to be on the safe side a failed try is not repeated
# expect: An item whose first try failed is not tried again.
import asyncio
import uuid


class TransientError(Exception):
    pass

async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        try:
            await charge(item, key=str(uuid.uuid4()))
        except TransientError:
            stats["failed"] += 1  # it may have been charged: better not again
        else:
            stats["consumed"] += 1
        q.task_done()
