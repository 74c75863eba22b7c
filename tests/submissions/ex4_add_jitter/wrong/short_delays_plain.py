# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-not-random
# contract: ex4 "between the tries d + u seconds pass", u drawn for every retry: no jitter where d is below 50 ms, "not worth it": with the defaults the first retry comes after exactly 30 ms for everybody
# expect: Nothing is random in the wait.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(
    name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25
):
    while True:
        item = await q.get()
        attempt = 1
        while True:
            try:
                await process_item(item)
            except TransientError:
                if attempt == attempts:
                    stats["failed"] += 1
                    break
            else:
                stats["consumed"] += 1
                break
            clean = delay * backoff ** (attempt - 1)
            pause = clean + random.uniform(0, clean * jitter) if clean >= 0.05 else clean
            stats["retried"] += 1
            await asyncio.sleep(pause)
            attempt += 1
        q.task_done()
