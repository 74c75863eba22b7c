# label: right
# exercise: ex3_add_backoff
# contract: keeps every point: a deadline by clock_gettime, looked at again after each sleep
# expect: Passed.
import asyncio
import time


class TransientError(Exception):
    """May succeed the next time."""


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
    while True:
        item = await q.get()
        pause = delay
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt == attempts:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                until = time.clock_gettime(time.CLOCK_MONOTONIC) + pause
                while (left := until - time.clock_gettime(time.CLOCK_MONOTONIC)) > 0:
                    await asyncio.sleep(left)
                pause *= backoff
            else:
                stats["consumed"] += 1
                break
        q.task_done()
