# label: right
# exercise: ex5_fix_task_done
# contract: keeps every point
# expect: Passed: every item is marked as done once, the pipeline ends by itself, and errors surface.
import asyncio
import random
from contextlib import ExitStack


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        with ExitStack() as at_the_end:
            at_the_end.callback(q.task_done)
            for k in range(1, attempts + 1):
                try:
                    await process_item(item)
                except TransientError:
                    if k < attempts:
                        d = delay * backoff ** (k - 1)
                        stats["retried"] += 1
                        await asyncio.sleep(d + d * jitter * random.random())
                    else:
                        stats["failed"] += 1
                else:
                    stats["consumed"] += 1
                    break


async def run_pipeline(items, process_item, *, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> dict:
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    q = asyncio.Queue(maxsize=maxsize)
    crew = []

    async def produce_and_wait():
        for item in items:
            await q.put(item)
        await q.join()
        for c in crew:
            c.cancel()

    async with asyncio.TaskGroup() as tg:
        tg.create_task(produce_and_wait(), name="producer")
        for n in range(1, consumers + 1):
            crew.append(tg.create_task(consumer(f"C{n}", q, process_item, stats, attempts=attempts, delay=delay,
                                                backoff=backoff, jitter=jitter), name=f"C{n}"))
    return stats
