# label: wrong
# exercise: ex8_cap_the_wait
# misconception: deadline-cuts-off-try
# contract: ex8 point 2: a time limit around all tries of the item
# expect: A try that is running at the deadline is cut off.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    async def settle(item):
        grown = delay
        for left in range(attempts - 1, -1, -1):
            try:
                await process_item(item)
                return "consumed"
            except TransientError:
                clean = min(max_delay, grown)
                grown *= backoff
            if left:
                stats["retried"] += 1
                await asyncio.sleep(clean + random.uniform(0, clean * jitter))
        return "failed"

    while True:
        item = await q.get()
        key = "failed"
        limit = asyncio.timeout(deadline)
        try:
            async with limit:
                key = await settle(item)
        except TimeoutError:
            if not limit.expired():
                raise
        stats[key] += 1
        q.task_done()
