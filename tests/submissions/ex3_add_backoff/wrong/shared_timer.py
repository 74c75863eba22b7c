# label: wrong
# exercise: ex3_add_backoff
# misconception: delay-shared-by-consumers
# contract: ex3 `delay * backoff ** (k - 1)` seconds pass; each consumer starts again at `delay`: One timer per queue: a consumer that fails while another one waits joins that one's pause instead of beginning its own. Shows when two consumers fail at different moments with overlapping pauses: the second comes back too early (or too late)
# expect: All consumers use and change one pause.

import asyncio
import time
from collections import Counter
from weakref import WeakKeyDictionary


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


timers = WeakKeyDictionary()  # queue: the timer that is running


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
    while True:
        item = await q.get()
        for k in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if k < attempts:
                    stats["retried"] += 1
                    timer = timers.get(q)
                    if timer is None or timer.done():
                        timer = asyncio.create_task(asyncio.sleep(delay * backoff ** (k - 1)))
                        timers[q] = timer
                    await asyncio.shield(timer)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
