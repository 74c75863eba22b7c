# label: right
# exercise: ex9_charge_once
# contract: keeps every point; waits for an item with a timeout and asks again, so that it is never quiet
# expect: Passed.
import asyncio
import random
import uuid


class TransientError(Exception):
    pass

async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        try:
            item = await asyncio.wait_for(q.get(), timeout=1)
        except TimeoutError:
            print(name, "idle")
            continue
        key = str(uuid.uuid4())
        for attempt in range(1, attempts + 1):
            try:
                await charge(item, key=key)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    pause = delay * backoff ** (attempt - 1)
                    await asyncio.sleep(random.uniform(pause, pause * (1 + jitter)))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
