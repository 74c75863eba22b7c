# label: wrong
# exercise: ex11_time_out_the_hung_call
# misconception: some-tries-have-no-limit
# contract: ex11 point 1: the last try of an item has no limit of time, as nothing comes after it
# expect: The last try may hang for ever: each try has a limit, the last one too.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, timeout=0.5, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                limit = timeout if attempt < attempts else None  # nothing comes after the last
                await asyncio.wait_for(process_item(item), limit)
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
