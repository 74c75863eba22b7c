# label: wrong
# exercise: ex5_fix_task_done
# misconception: giving-up-ends-consumer
# contract: ex5 points 1 and 4: giving up ends the consumer
# expect: A consumer that gives up on an item marks it and ends: after as many failures as there are consumers nobody is left, and the pipeline hangs.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
                stats["consumed"] += 1
                q.task_done()
                break
            except TransientError:
                if attempt == attempts:
                    stats["failed"] += 1
                    q.task_done()
                    return
                d = delay * backoff ** (attempt - 1)
                stats["retried"] += 1
                await asyncio.sleep(d + random.uniform(0, d * jitter))


async def run_pipeline(items, process_item, *, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> dict:
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    q = asyncio.Queue(maxsize=maxsize)
    async with asyncio.TaskGroup() as tg:
        workers = [tg.create_task(consumer(f"C{n}", q, process_item, stats, attempts=attempts, delay=delay,
                                           backoff=backoff, jitter=jitter)) for n in range(1, consumers + 1)]
        for item in items:
            await q.put(item)
        await q.join()
        for w in workers:
            w.cancel()
    return stats
