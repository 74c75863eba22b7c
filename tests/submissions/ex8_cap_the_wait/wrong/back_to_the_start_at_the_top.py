# label: wrong
# exercise: ex8_cap_the_wait
# misconception: pause-lost-at-the-ceiling
# contract: ex8 point 1: a pause that would be longer than the ceiling starts again at delay
# expect: At the ceiling the pause stays there, it does not begin again.
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
                if grown > max_delay:
                    grown = min(delay, max_delay)
                pause = grown + random.uniform(0, grown * jitter)
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
