# label: wrong
# exercise: ex3_add_backoff
# misconception: next-finds-nothing
# contract: ex3: each item starts again at `delay`; one generator has waits for a single item, and then next() raises
# expect: next() is asked of something that has nothing left.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
    pauses = (delay * backoff**k for k in range(attempts - 1))
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    await asyncio.sleep(next(pauses))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
