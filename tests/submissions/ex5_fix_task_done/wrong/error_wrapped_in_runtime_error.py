# label: wrong
# exercise: ex5_fix_task_done
# misconception: error-wrapped
# contract: ex5 point 6: the error surfaces as a RuntimeError
# expect: The error comes out as a RuntimeError: callers that handle a ValueError will not see it. Let the error itself (or its group) surface.
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
    try:
        async with asyncio.TaskGroup() as tg:
            crew = [tg.create_task(consumer(f"C{n}", q, process_item, stats, attempts=attempts, delay=delay,
                                            backoff=backoff, jitter=jitter)) for n in range(1, consumers + 1)]
            for item in items:
                await q.put(item)
            await q.join()
            for t in crew:
                t.cancel()
    except ExceptionGroup as group:
        raise RuntimeError("the pipeline failed") from group.exceptions[0]
    return stats
