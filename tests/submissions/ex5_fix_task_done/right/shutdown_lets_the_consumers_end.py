# label: right
# exercise: ex5_fix_task_done
# contract: keeps every point; on 3.13 the queue is shut down and the consumers end, before that a sentinel
# expect: Passed: every item is marked as done once, the pipeline ends by itself, and errors surface.
import asyncio
import random

try:
    from asyncio import QueueShutDown
except ImportError:
    class QueueShutDown(Exception):
        """There is none before Python 3.13."""


class TransientError(Exception):
    pass


class _Stop:
    pass


async def next_of(q):
    item = await q.get()
    if item is _Stop:
        raise QueueShutDown
    return item


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        try:
            item = await next_of(q)
        except QueueShutDown:
            return
        failures = 0
        while True:
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                failures += 1
                if failures == attempts:
                    stats["failed"] += 1
                    break
            d = delay * backoff ** (failures - 1)
            stats["retried"] += 1
            await asyncio.sleep(d + random.uniform(0, d * jitter))
        q.task_done()


async def run_pipeline(items, process_item, *, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> dict:
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    q = asyncio.Queue(maxsize)
    async with asyncio.TaskGroup() as tg:
        for n in range(consumers):
            tg.create_task(consumer(f"C{n + 1}", q, process_item, stats, attempts=attempts, delay=delay,
                                    backoff=backoff, jitter=jitter))
        for item in items:
            await q.put(item)
        if hasattr(q, "shutdown"):
            q.shutdown()
        else:
            for _ in range(consumers):
                await q.put(_Stop)
    return stats
