# label: wrong
# exercise: ex3_add_backoff
# misconception: delay-shared-by-consumers
# contract: ex3 pauses: the pause is left out while items wait in the queue, 'to keep the throughput up'; shows whenever the queue is not empty
# expect: All consumers use and change one pause.
import asyncio


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    pause = delay * backoff ** (attempt - 1) if q.empty() else 0
                    await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
