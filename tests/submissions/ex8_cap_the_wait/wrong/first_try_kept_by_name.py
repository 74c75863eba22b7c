# label: wrong
# exercise: ex8_cap_the_wait
# misconception: deadline-counts-other-time
# contract: ex8 point 2: when an item was begun is kept in the module by the name of its consumer, which another may have
# expect: Of two consumers of one name, one goes by the deadline of the other, and begins a try too late.
import asyncio
import random
import time


class TransientError(Exception):
    pass


BEGUN = {}


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    while True:
        item = await q.get()
        BEGUN[name] = time.monotonic()
        failed, d = 0, delay
        while True:
            try:
                await process_item(item)
            except TransientError:
                failed += 1
                d = min(d, max_delay)
                pause = d + random.uniform(0, d * jitter)
                d *= backoff
                over = deadline is not None and time.monotonic() - BEGUN[name] + pause > deadline
                if failed == attempts or over:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                break
        q.task_done()
