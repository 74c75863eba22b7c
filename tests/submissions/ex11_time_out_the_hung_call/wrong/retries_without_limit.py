# label: wrong
# exercise: ex11_time_out_the_hung_call
# misconception: some-tries-have-no-limit
# contract: ex11 point 1: only the first try has a limit of time, the retries have none
# expect: The retries have no limit of time.
import asyncio
import random


class TransientError(Exception):
    pass



async def consumer(name, q, process_item, stats, *, timeout=0.5, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        tried = 1
        try:
            try:
                await asyncio.wait_for(process_item(item), timeout)
            except (TransientError, TimeoutError):
                while True:
                    if tried >= attempts:
                        raise
                    stats["retried"] += 1
                    d = delay * backoff ** (tried - 1)
                    await asyncio.sleep(random.uniform(d, d + d * jitter))
                    tried += 1
                    try:
                        await process_item(item)
                        break
                    except (TransientError, TimeoutError):
                        pass
            stats["consumed"] += 1
        except (TransientError, TimeoutError):
            stats["failed"] += 1
        q.task_done()
