# label: right
# exercise: ex4_add_jitter
# contract: keeps every point
# expect: Passed: each retry waits d plus a fresh random part, and the herd is spread over the window.
import asyncio
import random

dice = random.SystemRandom()


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        for k in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if k == attempts:
                    stats["failed"] += 1
                    break
                d = delay * backoff ** (k - 1)
                stats["retried"] += 1
                await asyncio.sleep(d + dice.uniform(0, d * jitter))
            else:
                stats["consumed"] += 1
                break
        q.task_done()
