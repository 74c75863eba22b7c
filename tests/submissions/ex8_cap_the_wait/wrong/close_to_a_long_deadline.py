# label: wrong
# exercise: ex8_cap_the_wait
# misconception: deadline-forgets-the-pause
# contract: ex8 point 2: the end of the pause is compared with a tolerance that grows with the deadline
# expect: With a deadline of hours a try begins up to a second after it.
import asyncio
import math
import random
import time


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    while True:
        item = await q.get()
        start, d = time.monotonic(), delay
        for tried in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                clean, d = min(d, max_delay), d * backoff
                pause = clean + random.uniform(0, clean * jitter)
                end = time.monotonic() + pause - start
                late = deadline is not None and end > deadline
                if tried == attempts or (late and not math.isclose(end, deadline, rel_tol=1e-4)):
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                break
        q.task_done()
