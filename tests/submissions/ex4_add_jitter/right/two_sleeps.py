# label: right
# exercise: ex4_add_jitter
# contract: keeps every point; the delay and the random part are slept one after the other
# expect: Passed: each retry waits d plus a fresh random part, and the herd is spread over the window.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        for attempt in range(attempts):
            if attempt:
                stats["retried"] += 1
                d = delay * backoff ** (attempt - 1)
                await asyncio.sleep(d)
                await asyncio.sleep(random.uniform(0, d * jitter))
            try:
                await process_item(item)
            except TransientError:
                pass
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
