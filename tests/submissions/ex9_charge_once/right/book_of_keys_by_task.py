# label: right
# exercise: ex9_charge_once
# contract: keeps every point; one dict for all, with a place for each task, which writes its key there anew for each item
# expect: Passed.
import asyncio
import random
import uuid

BOOK = {}


class TransientError(Exception):
    pass

async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    me = asyncio.current_task()
    try:
        while True:
            item = await q.get()
            BOOK[me] = str(uuid.uuid4())
            for k in range(1, attempts + 1):
                try:
                    await charge(item, key=BOOK[me])
                except TransientError:
                    if k < attempts:
                        d = delay * backoff ** (k - 1)
                        stats["retried"] += 1
                        await asyncio.sleep(d + random.uniform(0, d * jitter))
                else:
                    stats["consumed"] += 1
                    break
            else:
                stats["failed"] += 1
            q.task_done()
    finally:
        BOOK.pop(me, None)
