# label: hostile
# exercise: ex4_add_jitter
# kind: slow
# verdict: reject
# contract: lets the requests pile up: blocks in an item until the grader's pipe is full, then ends
# expect: Failed: your consumer raises ValueError.
import asyncio
import random
import select


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        select.select([], [], [], 1.95)
        raise ValueError
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    d = delay * backoff ** (attempt - 1)
                    await asyncio.sleep(d + random.uniform(0, d * jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
