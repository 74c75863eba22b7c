# label: wrong
# exercise: ex5_fix_task_done
# misconception: private-counters
# contract: ex5 points 1 and 5: a private counter is changed instead of calling task_done()
# expect: The private _unfinished_tasks is counted down by hand: nobody wakes join(), which waits for ever when the last item is given up. task_done() does both.
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
                q.task_done()
                break
        else:
            stats["failed"] += 1
            q._unfinished_tasks -= 1


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
