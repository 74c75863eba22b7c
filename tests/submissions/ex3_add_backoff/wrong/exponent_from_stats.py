# label: wrong
# exercise: ex3_add_backoff
# misconception: exponent-from-totals
# contract: ex3: the exponent counts all retries so far
# expect: The exponent is stats['retried'], the retries of all items together: it has to start again for each item.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    await asyncio.sleep(delay * backoff ** stats["retried"])
                    stats["retried"] += 1
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
