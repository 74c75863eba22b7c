# label: right
# exercise: ex11_time_out_the_hung_call
# contract: keeps every point; on 3.11 wait_for() makes a task for the call
# expect: Passed: each try has its own time, is over before the next begins, and counts as one that failed.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, timeout=0.5, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        attempt = 1
        while True:
            try:
                await asyncio.wait_for(process_item(item), timeout)
                stats["consumed"] += 1
                break
            except (TransientError, asyncio.TimeoutError):
                if attempt == attempts:
                    stats["failed"] += 1
                    break
                d = delay * backoff ** (attempt - 1)
                stats["retried"] += 1
                await asyncio.sleep(d + random.random() * d * jitter)
                attempt += 1
        q.task_done()
