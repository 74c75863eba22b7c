# label: wrong
# exercise: ex11_time_out_the_hung_call
# misconception: timeout-shared-by-tries
# contract: ex11 point 1: the tries share a deadline that is set when the item is taken
# expect: The tries share one limit of time: each has its own.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, timeout=0.5, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        deadline = asyncio.get_running_loop().time() + timeout
        for attempt in range(1, attempts + 1):
            try:
                async with asyncio.timeout_at(deadline):
                    await process_item(item)
            except (TransientError, TimeoutError):
                if attempt < attempts:
                    pause = delay * backoff ** (attempt - 1)
                    pause += random.uniform(0, pause * jitter)
                    stats["retried"] += 1
                    await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
