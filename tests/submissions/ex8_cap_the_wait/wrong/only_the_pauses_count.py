# label: wrong
# exercise: ex8_cap_the_wait
# misconception: deadline-counts-other-time
# contract: ex8 point 2: only the pauses are added up, and the tries take time as well
# expect: Tries begin after the deadline when the service is slow.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    while True:
        item = await q.get()
        begun = 0.0
        d, tried = delay, 0
        while True:
            tried += 1
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                d = min(max_delay, d)
                wait = d + random.random() * d * jitter
                over = deadline is not None and begun + wait > deadline
                if tried == attempts or over:
                    stats["failed"] += 1
                    break
            stats["retried"] += 1
            await asyncio.sleep(wait)
            d, begun = d * backoff, begun + wait
        q.task_done()
