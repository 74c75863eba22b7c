# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-of-base-delay
# contract: ex4: the random part is a fraction of delay, whatever d has grown to
# expect: The random part is a fraction of the first delay, so the window does not grow with the wait: it is a fraction of d.
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
                    stats["retried"] += 1
                    pause = delay * backoff ** (attempt - 1) + random.uniform(0, delay * jitter)
                    await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
