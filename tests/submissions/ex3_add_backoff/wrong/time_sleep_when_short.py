# label: wrong
# exercise: ex3_add_backoff
# misconception: blocks-the-loop
# contract: ex3 the event loop is never blocked: Pauses under 50 ms are slept with time.sleep, 'too short for a timer'; longer ones with asyncio.sleep. Shows for delay > 0 below 50 ms (the default's first retry): the other consumers stand still
# expect: A blocking call or a loop without await stops the whole event loop.

import asyncio
import time
from collections import Counter


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
    while True:
        item = await q.get()
        for k in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if k < attempts:
                    stats["retried"] += 1
                    pause = delay * backoff ** (k - 1)
                    if pause < 0.05:
                        time.sleep(pause)
                    else:
                        await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
