# label: wrong
# exercise: ex11_time_out_the_hung_call
# misconception: timeouts-not-counted
# contract: ex11 point 1: a retry after a try that was timed out is not counted in stats
# expect: Retries after a timeout are missing in stats.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, timeout=0.5, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                async with asyncio.timeout(timeout):
                    await process_item(item)
            except TransientError:
                if attempt < attempts:
                    pause = delay * backoff ** (attempt - 1)
                    pause += random.uniform(0, pause * jitter)
                    stats["retried"] += 1
                    await asyncio.sleep(pause)
            except TimeoutError:
                print(name, "timed out on", item)
                if attempt < attempts:
                    pause = delay * backoff ** (attempt - 1)
                    await asyncio.sleep(random.uniform(pause, pause * (1 + jitter)))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
