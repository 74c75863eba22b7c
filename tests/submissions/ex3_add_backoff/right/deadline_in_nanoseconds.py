# label: right
# exercise: ex3_add_backoff
# contract: keeps every point: a deadline in whole nanoseconds of the monotonic clock
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
                due = time.monotonic_ns() + round(pause * 1e9)
                while (left := due - time.monotonic_ns()) > 0:
                    await asyncio.sleep(left / 1e9)
                pause *= backoff
            else:
                stats["consumed"] += 1
                break
        q.task_done()
