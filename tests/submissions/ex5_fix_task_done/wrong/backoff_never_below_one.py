# label: wrong
# exercise: ex5_fix_task_done
# misconception: delay-floored
# contract: ex5: 4 (ex3, the delay formula): A backoff below 1 is corrected to 1; shows with backoff=0.5: the second and later pauses do not shrink
# expect: The wait has a lower limit that nobody asked for.
import asyncio
import random


class TransientError(Exception):
    """Try again."""


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    factor = max(1.0, backoff)  # a pause must never get shorter
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    clean = delay * factor ** (attempt - 1)
                    stats["retried"] += 1
                    await asyncio.sleep(clean + random.uniform(0, clean * jitter))
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
    async with asyncio.TaskGroup() as group:
        crew = [
            group.create_task(consumer(f"C{n}", q, process_item, stats, attempts=attempts,
                                       delay=delay, backoff=backoff, jitter=jitter))
            for n in range(1, consumers + 1)
        ]
        for item in items:
            await q.put(item)
            print("PROD", item, "SZ", q.qsize())
        await q.join()
        for task in crew:
            task.cancel()
    return stats
