# label: right
# exercise: ex4_add_jitter
# contract: keeps every point; the window is built of 10 halvings, each slept or not by a coin: 1024 equally likely values of u
# expect: Passed.
import asyncio
import random


class TransientError(Exception):
    pass


async def back_off(clean, window):
    await asyncio.sleep(clean)
    for _ in range(10):
        window /= 2
        if window and random.getrandbits(1):
            await asyncio.sleep(window)


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    clean = delay * backoff ** (attempt - 1)
                    stats["retried"] += 1
                    await back_off(clean, clean * jitter)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
