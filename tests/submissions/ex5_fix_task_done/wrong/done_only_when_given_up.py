# label: wrong
# exercise: ex5_fix_task_done
# misconception: task-done-missing-on-success
# contract: ex5 point 2: task_done() for each item that was settled
# expect: task_done() has moved into the branch that gives up: now the items that succeed are never marked, and join() waits for ever.
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
