# label: wrong
# exercise: ex3_add_backoff
# misconception: pause-rounded
# contract: ex3 pauses: the factor is converted to int: 1.5 becomes 1 and 2.5 becomes 2; shows for every factor that is not whole
# expect: The wait is rounded before it is slept.
import asyncio


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
    factor = int(backoff)
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    await asyncio.sleep(delay * factor ** (attempt - 1))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
