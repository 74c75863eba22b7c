# label: right
# exercise: ex3_add_backoff
# contract: keeps every point; the wait is slept in ten slices
# expect: Passed.
import asyncio
import random
import time


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    pause = delay * backoff ** (attempt - 1)
                    for _ in range(10):
                        await asyncio.sleep(pause / 10)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
