# label: right
# exercise: ex5_fix_task_done
# contract: keeps every point; the sentinels themselves are not marked as done
# expect: Passed.
import asyncio
import random


STOP = object()


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        if item is STOP:
            return
        try:
            for attempt in range(1, attempts + 1):
                try:
                    await process_item(item)
                    stats["consumed"] += 1
                    break
                except TransientError:
                    if attempt == attempts:
                        stats["failed"] += 1
                        break
                d = delay * backoff ** (attempt - 1)
                stats["retried"] += 1
                await asyncio.sleep(d + random.uniform(0, d * jitter))
        finally:
            q.task_done()


async def run_pipeline(items, process_item, *, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> dict:
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    q = asyncio.Queue(maxsize=maxsize)
    async with asyncio.TaskGroup() as tg:
        for n in range(1, consumers + 1):
            tg.create_task(consumer(f"C{n}", q, process_item, stats, attempts=attempts, delay=delay,
                                    backoff=backoff, jitter=jitter))
        for item in items:
            await q.put(item)
        await q.join()
        for _ in range(consumers):
            await q.put(STOP)
    return stats
