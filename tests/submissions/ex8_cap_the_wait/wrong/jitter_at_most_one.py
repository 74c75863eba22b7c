# label: wrong
# exercise: ex8_cap_the_wait
# misconception: jitter-window-too-small
# contract: ex8 point 1: no jitter is larger than 1, whatever is asked
# expect: With jitter=2.5 only a part of the window is used.
import asyncio
import random
import time


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    while True:
        item = await q.get()
        begun = time.monotonic()
        d, tried = delay, 0
        while True:
            tried += 1
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                d = min(max_delay, d)
                wait = d + random.random() * d * min(jitter, 1)
                over = deadline is not None and time.monotonic() + wait - begun > deadline
                if tried == attempts or over:
                    stats["failed"] += 1
                    break
            stats["retried"] += 1
            await asyncio.sleep(wait)
            d *= backoff
        q.task_done()
