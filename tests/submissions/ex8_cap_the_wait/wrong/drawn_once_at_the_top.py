# label: wrong
# exercise: ex8_cap_the_wait
# misconception: jitter-once-per-item
# contract: ex8 point 1: the pause that first reaches the ceiling is kept for all further retries of the item
# expect: At the ceiling an item draws only once.
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
        grown, pause = delay, None
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if pause is None or pause < max_delay:
                    clean = min(max_delay, grown)
                    pause = clean + random.uniform(0, clean * jitter)
                grown *= backoff
                if attempt == attempts or clock() + pause > latest:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                break
        q.task_done()
