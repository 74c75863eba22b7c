# label: wrong
# exercise: ex8_cap_the_wait
# misconception: no-deadline
# contract: ex8 point 2: the latest time is a global, which each consumer sets for its own item
# expect: With several consumers the deadline is that of whoever took an item last.
import asyncio
import math
import random


class TransientError(Exception):
    pass


latest = math.inf


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    global latest
    clock = asyncio.get_running_loop().time
    while True:
        item = await q.get()
        latest = math.inf if deadline is None else clock() + deadline
        d = delay
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                clean, d = min(max_delay, d), d * backoff
                pause = clean + random.uniform(0, clean * jitter)
                if attempt == attempts or clock() + pause > latest:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                break
        q.task_done()
