# label: wrong
# exercise: ex2_build_retry_loop
# misconception: tried-after-success
# contract: ex2 point 1: no break, and each success counts and marks the item
# expect: The cause is the try after the success, not the mark that comes with it.
import asyncio

class TransientError(Exception):
    """may succeed"""

async def consumer(name, q, process_item, stats, *, attempts=4):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
                stats["consumed"] += 1
                q.task_done()
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                else:
                    stats["failed"] += 1
                    q.task_done()
