# label: wrong
# exercise: ex4_add_jitter
# misconception: backoff-one-step-ahead
# contract: ex3: the pause is multiplied before it is slept
# expect: The first retry waits delay * backoff already: the pause is multiplied before it is slept instead of after it.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        d = delay
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    d *= backoff
                    stats["retried"] += 1
                    await asyncio.sleep(d + random.uniform(0, d * jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
