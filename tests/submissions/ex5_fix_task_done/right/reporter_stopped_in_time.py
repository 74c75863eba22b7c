# label: right
# exercise: ex5_fix_task_done
# contract: keeps every point; a reporter task prints the stats every 50 ms and is cancelled with the crew; nothing waits for it
# expect: Passed.
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


async def report(stats):
    while True:
        print("STATS", stats)
        await asyncio.sleep(0.05)


async def run_pipeline(items, process_item, *, consumers=3, maxsize=3, **settings):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    q = asyncio.Queue(maxsize)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(report(stats))]
        tasks += [group.create_task(consumer(f"C{n}", q, process_item, stats, **settings))
                  for n in range(1, consumers + 1)]
        for item in items:
            await q.put(item)
            print("PROD", item, "SZ", q.qsize())
        await q.join()
        for task in tasks:
            task.cancel()
    return stats
