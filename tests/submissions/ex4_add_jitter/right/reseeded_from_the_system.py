# label: right
# exercise: ex4_add_jitter
# contract: keeps every point; random.seed() without an argument takes a seed from the system
# expect: Passed: each retry waits d plus a fresh random part, and the herd is spread over the window.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    random.seed()       # from the operating system: nobody else has the same
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    d = delay * backoff ** (attempt - 1)
                    stats["retried"] += 1
                    await asyncio.sleep(d + random.random() * jitter * d)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
