# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-not-uniform
# contract: ex4: small random parts are far more likely than large ones
# expect: Two random numbers are multiplied, which prefers small values: one draw, multiplied by d * jitter, is uniform.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    d = delay * backoff ** (attempt - 1)
                    stats["retried"] += 1
                    await asyncio.sleep(d + random.uniform(0, d * jitter) * random.random())
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
