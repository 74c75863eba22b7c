# label: wrong
# exercise: ex8_cap_the_wait
# misconception: retried-off-by-one
# contract: ex8 point 4: the retry is counted before the deadline is asked, though not after the last try
# expect: retried counts a retry that the deadline has forbidden.
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
        d = delay
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                if attempt == attempts:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                d = min(d, max_delay)
                pause = d + random.uniform(0, d * jitter)
                d *= backoff
            if clock() + pause > latest:
                stats["failed"] += 1
                break
            await asyncio.sleep(pause)
        q.task_done()
