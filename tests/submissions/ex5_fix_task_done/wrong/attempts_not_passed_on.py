# label: wrong
# exercise: ex5_fix_task_done
# misconception: settings-not-passed-on
# contract: ex5 4: attempts is not passed on
# expect: Attempts is not passed on.
import asyncio
import random


class TransientError(Exception):
    """may succeed the next time"""


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        for k in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if k < attempts:
                    stats["retried"] += 1
                    d = delay * backoff ** (k - 1)
                    await asyncio.sleep(d + random.uniform(0, d * jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()


async def run_pipeline(items, process_item, *, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    q = asyncio.Queue(maxsize)
    async with asyncio.TaskGroup() as tg:
        crew = [tg.create_task(consumer(f"C{i}", q, process_item, stats, delay=delay, backoff=backoff, jitter=jitter)) for i in range(consumers)]
        for item in items:
            await q.put(item)
        await q.join()
        for t in crew:
            t.cancel()
    return stats
