# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-from-hash
# contract: ex4: not drawn: the same in each run of the program
# expect: Not drawn: the same in each run of the program.
import asyncio
import random


class TransientError(Exception):
    """may succeed the next time"""


import hashlib


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        for k in range(1, attempts + 1):
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                if k == attempts:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                d = delay * backoff ** (k - 1)
                pause = d + d * jitter * (int(hashlib.sha256(f'{name}{item}{k}'.encode()).hexdigest(), 16) % 10007) / 10007
                await asyncio.sleep(pause)
        q.task_done()
