# label: right
# exercise: ex4_add_jitter
# contract: keeps every point; the random part is taken off the longest wait, which gives the same window
# expect: Passed: each retry waits d plus a fresh random part, and the herd is spread over the window.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        shortest = delay
        left = attempts
        while True:
            left -= 1
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                if left == 0:
                    stats["failed"] += 1
                    break
            window = shortest * jitter
            stats["retried"] += 1
            await asyncio.sleep(shortest + window - random.random() * window)
            shortest *= backoff
        q.task_done()
