# label: wrong
# exercise: ex5_fix_task_done
# misconception: error-hangs-pipeline
# contract: ex5 point 6: when all consumers die while the producer waits in put(), it waits for ever
# expect: The consumers are watched only once all items are in the queue: when all of them die before that, the producer hangs in put().
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
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
    crew = [asyncio.create_task(consumer(f"C{n}", q, process_item, stats, attempts=attempts, delay=delay,
                                         backoff=backoff, jitter=jitter)) for n in range(1, consumers + 1)]
    for item in items:
        await q.put(item)
    joined = asyncio.create_task(q.join())
    try:
        done, _ = await asyncio.wait([joined, *crew], return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in (joined, *crew):
            task.cancel()
        await asyncio.gather(joined, *crew, return_exceptions=True)
    return stats
