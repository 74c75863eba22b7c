# label: wrong
# exercise: ex3_add_backoff
# misconception: counts-unsettled-item
# contract: ex3 (ex2's 4): a cancellation during a pause is raised again, but the item is counted as failed before
# expect: An item that an error or a cancellation interrupted is counted.
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
                    try:
                        await asyncio.sleep(delay * backoff ** (attempt - 1))
                    except asyncio.CancelledError:
                        stats["failed"] += 1
                        raise
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
