# label: wrong
# exercise: ex5_fix_task_done
# misconception: error-wrapped
# contract: ex5: 6: The error is built anew from its type with a longer message; shows with errors whose constructor wants other arguments (UnicodeDecodeError, many custom ones): a TypeError surfaces
# expect: An error surfaces as another type.
import asyncio
import random


class TransientError(Exception):
    """Try again."""


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    clean = delay * backoff ** (attempt - 1)
                    stats["retried"] += 1
                    await asyncio.sleep(clean + random.uniform(0, clean * jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()


async def run_pipeline(items, process_item, *, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    q = asyncio.Queue(maxsize)
    try:
        async with asyncio.TaskGroup() as group:
            crew = [
                group.create_task(consumer(f"C{n}", q, process_item, stats, attempts=attempts,
                                           delay=delay, backoff=backoff, jitter=jitter))
                for n in range(1, consumers + 1)
            ]
            for item in items:
                await q.put(item)
            await q.join()
            for task in crew:
                task.cancel()
    except ExceptionGroup as group_error:
        first = group_error.exceptions[0]
        raise type(first)(f"pipeline stopped after {stats['consumed']} items: {first}") from first
    return stats
