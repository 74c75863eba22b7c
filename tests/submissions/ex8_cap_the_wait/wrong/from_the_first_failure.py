# label: wrong
# exercise: ex8_cap_the_wait
# misconception: deadline-counts-other-time
# contract: ex8 point 2: the deadline counts from the end of the first try
# expect: Tries begin after the deadline: it counts from the beginning of the first one.
import asyncio
import random
import time


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    while True:
        item = await q.get()
        begun = None
        d, tried = delay, 0
        while True:
            tried += 1
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                begun = begun or time.monotonic()
                d = min(max_delay, d)
                wait = d + random.random() * d * jitter
                over = deadline is not None and time.monotonic() + wait - begun > deadline
                if tried == attempts or over:
                    stats["failed"] += 1
                    break
            stats["retried"] += 1
            await asyncio.sleep(wait)
            d *= backoff
        q.task_done()
