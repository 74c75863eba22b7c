# label: wrong
# exercise: ex5_fix_task_done
# misconception: works-on-another-item
# contract: ex5 point 4: the queue carries lambdas over the loop variable, so they process a later item; shows when items wait
# expect: One item is worked on in another's place.
import asyncio
import random


class TransientError(Exception):
    """Worth another try."""


async def consumer(
    name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25
):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    clean = delay * backoff ** (attempt - 1)
                    stats["retried"] += 1
                    await asyncio.sleep(clean + random.uniform(0, clean * jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()


async def run_job(job):
    await job()


async def run_pipeline(items, process_item, *, consumers=3, maxsize=3, **settings):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    q = asyncio.Queue(maxsize)
    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consumer(f"C{n}", q, run_job, stats, **settings))
                for n in range(1, consumers + 1)]
        for item in items:
            await q.put(lambda: process_item(item))
            print("PROD", item, "SZ", q.qsize())
        await q.join()
        for task in crew:
            task.cancel()
    return stats
