# label: wrong
# exercise: ex11_time_out_the_hung_call
# misconception: timeout-covers-the-pause
# contract: ex11 point 1: the pause after a failed try is inside of the limit, and is cut off by it
# expect: The limit covers the pause: the time is for the try alone.
import asyncio
import random


class TransientError(Exception):
    pass



async def consumer(name, q, process_item, stats, *, timeout=0.5, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            pause = delay * backoff ** (attempt - 1)
            pause += random.uniform(0, pause * jitter)
            try:
                async with asyncio.timeout(timeout):
                    try:
                        await process_item(item)
                        stats["consumed"] += 1
                        break
                    except TransientError:
                        if attempt < attempts:
                            stats["retried"] += 1
                            await asyncio.sleep(pause)
                            continue
            except TimeoutError:
                if attempt < attempts:
                    stats["retried"] += 1
                    await asyncio.sleep(pause)
        else:
            stats["failed"] += 1
        q.task_done()
