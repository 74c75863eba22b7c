# label: wrong
# exercise: ex8_cap_the_wait
# misconception: own-timeout-added
# contract: ex8 point 2: a try is cut off after an hour, deadline or not
# expect: A try that is running is never cut off, however long it takes.
import asyncio
import random
import time


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    async def tried(item):
        try:
            async with asyncio.timeout(3600) as limit:
                await process_item(item)
        except TransientError:
            return False
        except TimeoutError:
            if not limit.expired():
                raise
            return False
        return True

    while True:
        item = await q.get()
        begun, pause = time.monotonic(), min(delay, max_delay)
        for left in range(attempts, 0, -1):
            if await tried(item):
                stats["consumed"] += 1
                break
            wait = pause + random.uniform(0, pause * jitter)
            pause = min(pause * backoff, max_delay)
            if left == 1 or (deadline is not None and time.monotonic() + wait > begun + deadline):
                stats["failed"] += 1
                break
            stats["retried"] += 1
            await asyncio.sleep(wait)
        q.task_done()
