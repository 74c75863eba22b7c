# label: wrong
# exercise: ex8_cap_the_wait
# misconception: deadline-cuts-off-try
# contract: ex8 point 2: each try may take `deadline` seconds
# expect: A try that is running is cut off after deadline seconds.
import asyncio
import random
import time


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    while True:
        item = await q.get()
        begun, d = time.monotonic(), delay
        for n in range(attempts):
            try:
                await asyncio.wait_for(process_item(item), deadline)
            except TransientError:
                d = min(d, max_delay)
                wait = d + random.uniform(0, d * jitter)
                d *= backoff
                if n + 1 == attempts or (deadline is not None and time.monotonic() + wait - begun > deadline):
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                await asyncio.sleep(wait)
            else:
                stats["consumed"] += 1
                break
        q.task_done()
