# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-on-first-only
# contract: ex4: only the first retry has a random part
# expect: Only the first retry has a random part: every retry gets one.
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
                    pause = delay * backoff ** (attempt - 1)
                    if attempt == 1:        # once apart, they stay apart
                        pause += random.uniform(0, pause * jitter)
                    stats["retried"] += 1
                    await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
