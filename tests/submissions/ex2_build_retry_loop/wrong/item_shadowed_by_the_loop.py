# label: wrong
# exercise: ex2_build_retry_loop
# misconception: works-on-no-item
# contract: ex2 1: the loop variable is called 'item' as well: the tries are made with 1, 2, 3 ... instead of the item; for every item
# expect: The service is called with something that is no item.
import asyncio


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


async def consumer(name, q, process_item, stats, *, attempts=4):
    while True:
        item = await q.get()
        for item in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if item < attempts:
                    stats["retried"] += 1
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
