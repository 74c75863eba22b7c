# label: wrong
# exercise: ex11_time_out_the_hung_call
# misconception: tried-after-success
# contract: ex11 point 4: an answer that took more than nine tenths of the time is not believed
# expect: An answer that comes in time is a success.
import asyncio
import random
import time


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, timeout=0.5, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                began = time.monotonic()
                async with asyncio.timeout(timeout):
                    await process_item(item)
                if time.monotonic() - began > 0.9 * timeout:
                    raise TimeoutError
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
