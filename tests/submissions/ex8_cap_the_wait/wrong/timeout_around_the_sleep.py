# label: wrong
# exercise: ex8_cap_the_wait
# misconception: sleeps-before-giving-up
# contract: ex8 point 2: the sleep is cut at the deadline, and then the item is given up on
# expect: The consumer sleeps until the deadline, for nothing.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    clock = asyncio.get_running_loop().time
    while True:
        item = await q.get()
        latest, d = None if deadline is None else clock() + deadline, min(delay, max_delay)
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                if attempt == attempts:
                    stats["failed"] += 1
                    break
            try:
                async with asyncio.timeout_at(latest):
                    await asyncio.sleep(d + random.uniform(0, d * jitter))
            except TimeoutError:
                stats["failed"] += 1
                break
            stats["retried"] += 1
            d = min(d * backoff, max_delay)
        q.task_done()
