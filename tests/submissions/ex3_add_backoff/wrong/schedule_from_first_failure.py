# label: wrong
# exercise: ex3_add_backoff
# misconception: wait-measured-from-start
# contract: ex3 between the end of failed try k and the start of the next: The retries stand on a timetable that begins at the first failure, so the time the retries themselves take is taken off the later delays. First delay right; shows from the second on when a failing retry takes time
# expect: The wait is counted from the start of the failed try.

import asyncio
import time
from collections import Counter


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
    clock = asyncio.get_running_loop().time
    due = 0.0
    while True:
        item = await q.get()
        for k in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if k < attempts:
                    stats["retried"] += 1
                    if k == 1:
                        due = clock()
                    due += delay * backoff ** (k - 1)
                    await asyncio.sleep(max(0.0, due - clock()))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
