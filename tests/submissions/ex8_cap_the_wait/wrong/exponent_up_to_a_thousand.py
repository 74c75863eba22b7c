# label: wrong
# exercise: ex8_cap_the_wait
# misconception: power-overflows
# contract: ex8 point 1: the exponent stops at 1,000, which saves 2.0 and no larger backoff
# expect: OverflowError for a backoff of 20 or 30 after some hundred tries.
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
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                steps = min(attempt - 1, 1000)
                clean = min(max_delay, delay * math.pow(backoff, steps))
                pause = random.uniform(clean, clean * (1 + jitter))
                if attempt == attempts or clock() + pause > latest:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                break
        q.task_done()
