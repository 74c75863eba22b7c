# label: wrong
# exercise: ex11_time_out_the_hung_call
# misconception: timeout-shared-by-tries
# contract: ex11 point 1: one limit around the loop of the tries and their pauses
# expect: The limit is around all tries of an item: each try has its own.
import asyncio
import random


class TransientError(Exception):
    pass



async def consumer(name, q, process_item, stats, *, timeout=0.5, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        try:
            async with asyncio.timeout(timeout):
                for attempt in range(1, attempts + 1):
                    try:
                        await process_item(item)
                    except TransientError:
                        if attempt == attempts:
                            raise
                        pause = delay * backoff ** (attempt - 1)
                        stats["retried"] += 1
                        await asyncio.sleep(pause + random.uniform(0, pause * jitter))
                    else:
                        stats["consumed"] += 1
                        break
        except (TransientError, TimeoutError):
            stats["failed"] += 1
        q.task_done()
