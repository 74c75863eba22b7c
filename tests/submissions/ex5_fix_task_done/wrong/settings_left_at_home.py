# label: wrong
# exercise: ex5_fix_task_done
# misconception: settings-not-passed-on
# contract: ex5 point 4: the consumers run with their defaults
# expect: attempts, delay, backoff and jitter are not passed on, so the consumers always run with their defaults.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        try:
            for attempt in range(1, attempts + 1):
                try:
                    await process_item(item)
                except TransientError:
                    if attempt == attempts:
                        stats["failed"] += 1
                        break
                    d = delay * backoff ** (attempt - 1)
                    stats["retried"] += 1
                    await asyncio.sleep(d + random.uniform(0, d * jitter))
                else:
                    stats["consumed"] += 1
                    break
        finally:
            q.task_done()


async def run_pipeline(items, process_item, *, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> dict:
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    q = asyncio.Queue(maxsize=maxsize)
    async with asyncio.TaskGroup() as tg:
        workers = [tg.create_task(consumer(f"C{n}", q, process_item, stats)) for n in range(1, consumers + 1)]
        for item in items:
            await q.put(item)
        await q.join()
        for w in workers:
            w.cancel()
    return stats
