# label: wrong
# exercise: ex3_add_backoff
# misconception: delay-carried-to-next-item
# contract: ex3 pauses: one generator of pauses serves all items of the consumer: once it is used up, next() falls back to 0 and retries do not wait
# expect: The next item starts with the long wait of the last one.
import asyncio


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


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
                    await asyncio.sleep(next(pauses, 0))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
