# label: wrong
# exercise: ex5_fix_task_done
# misconception: reads-all-items-first
# contract: ex5 point 4 (ex1 point 1): all items are read before the first put
# expect: All items are read into a list to know how many there are: with a large source the list is the unbounded buffer again. Count while you put.
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
    items = [*items]
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
    assert stats["consumed"] + stats["failed"] == len(items)
    return stats
