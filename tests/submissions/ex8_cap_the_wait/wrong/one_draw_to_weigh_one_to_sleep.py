# label: wrong
# exercise: ex8_cap_the_wait
# misconception: deadline-forgets-jitter
# contract: ex8 point 2: the pause is drawn once for the question, and again for the sleep
# expect: Another pause is slept than the one that was asked about.
import asyncio
import math
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    clock = asyncio.get_running_loop().time

    def pause_after(failed):
        d = delay
        for _ in range(failed - 1):
            d = min(max_delay, d * backoff)
        d = min(max_delay, d)
        return d + random.uniform(0, d * jitter)

    while True:
        item = await q.get()
        latest = math.inf if deadline is None else clock() + deadline
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt == attempts or clock() + pause_after(attempt) > latest:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                await asyncio.sleep(pause_after(attempt))
            else:
                stats["consumed"] += 1
                break
        q.task_done()
