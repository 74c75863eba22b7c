# label: wrong
# exercise: ex11_time_out_the_hung_call
# misconception: timeout-covers-the-pause
# contract: ex11 point 1: the pause before a retry is inside of the limit of that retry
# expect: The limit covers the pause: the time is for the try alone.
import asyncio
import random


class TransientError(Exception):
    pass



async def consumer(name, q, process_item, stats, *, timeout=0.5, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        for retry in range(attempts):
            try:
                async with asyncio.timeout(timeout):
                    if retry:
                        pause = delay * backoff ** (retry - 1)
                        await asyncio.sleep(pause + random.uniform(0, pause * jitter))
                    await process_item(item)
            except (TransientError, TimeoutError):
                if retry + 1 < attempts:
                    stats["retried"] += 1
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
