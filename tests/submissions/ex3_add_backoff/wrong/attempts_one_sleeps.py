# label: wrong
# exercise: ex3_add_backoff
# misconception: sleeps-after-last-failure
# contract: ex3 none after the last failure: The first retry's sleep stands right behind the first try, without asking whether there is a retry. Shows for attempts=1 only (delay > 0): the item is given up on `delay` late
# expect: There is a wait after the last failure.

import asyncio
import time
from collections import Counter


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
    while True:
        item = await q.get()
        try:
            await process_item(item)
        except TransientError:
            await asyncio.sleep(delay)
            pause = delay * backoff
            for left in range(attempts - 1, 0, -1):
                stats["retried"] += 1
                try:
                    await process_item(item)
                except TransientError:
                    if left > 1:
                        await asyncio.sleep(pause)
                        pause *= backoff
                else:
                    stats["consumed"] += 1
                    break
            else:
                stats["failed"] += 1
        else:
            stats["consumed"] += 1
        q.task_done()
