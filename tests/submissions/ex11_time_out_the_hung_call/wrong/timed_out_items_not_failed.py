# label: wrong
# exercise: ex11_time_out_the_hung_call
# misconception: timeouts-not-counted
# contract: ex11 point 1: an item whose last try was timed out counts as timed out, and not as failed
# expect: Items given up on after a timeout are missing in stats.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, timeout=0.5, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        late = False
        for attempt in range(1, attempts + 1):
            try:
                async with asyncio.timeout(timeout):
                    await process_item(item)
            except (TransientError, TimeoutError) as error:
                late = isinstance(error, TimeoutError)
                if attempt < attempts:
                    pause = delay * backoff ** (attempt - 1)
                    pause += random.uniform(0, pause * jitter)
                    stats["retried"] += 1
                    await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                break
        else:
            key = "timed out" if late else "failed"
            stats[key] = stats.get(key, 0) + 1
        q.task_done()
