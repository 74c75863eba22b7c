# label: wrong
# exercise: ex8_cap_the_wait
# misconception: late-success-thrown-away
# contract: ex8 point 2: a success after the deadline counts as failed
# expect: A try that ends after the deadline counts as what it is.
import asyncio
import math
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    clock = asyncio.get_running_loop().time
    while True:
        item = await q.get()
        latest = math.inf if deadline is None else clock() + deadline
        grown = delay
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                clean = min(max_delay, grown)
                grown *= backoff
                pause = clean + random.uniform(0, clean * jitter)
                if attempt == attempts or clock() + pause > latest:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                await asyncio.sleep(pause)
            else:
                stats["consumed" if clock() <= latest else "failed"] += 1
                break
        q.task_done()
