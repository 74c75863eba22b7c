# label: wrong
# exercise: ex4_add_jitter
# misconception: zero-taken-for-default
# contract: ex4: jitter=0 is taken for the default
# expect: jitter=0 gives a quarter of jitter: `or` replaces 0 as well as None. With jitter=0 the wait is exactly d.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    jitter = jitter or 0.25
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    d = delay * backoff ** (attempt - 1)
                    stats["retried"] += 1
                    await asyncio.sleep(d + random.uniform(0, d * jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
