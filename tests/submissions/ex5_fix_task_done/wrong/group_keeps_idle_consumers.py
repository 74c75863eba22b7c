# label: wrong
# exercise: ex5_fix_task_done
# misconception: consumers-never-told-to-stop
# contract: ex5 point 1: every item is settled, but the TaskGroup waits for the consumers
# expect: All items are settled and join() returns, but the TaskGroup still waits for consumers that nobody stops: cancel them after q.join().
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        tries = 0
        while tries < attempts:
            tries += 1
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                if tries < attempts:
                    d = delay * backoff ** (tries - 1)
                    stats["retried"] += 1
                    await asyncio.sleep(d + random.uniform(0, d * jitter))
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
        await q.join()
    return stats
