# label: wrong
# exercise: ex5_fix_task_done
# misconception: one-sentinel-for-all
# contract: ex5 point 1: three sentinels, however many consumers there are
# expect: Three consumers are told to stop, however many there are: with more of them the pipeline never ends. One sentinel for each.
import asyncio
import random

STOP = object()


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while (item := await q.get()) is not STOP:
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    d = delay * backoff ** (attempt - 1)
                    stats["retried"] += 1
                    await asyncio.sleep(d + random.uniform(0, d * jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
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
        for _ in range(3):
            await q.put(STOP)
    return stats
