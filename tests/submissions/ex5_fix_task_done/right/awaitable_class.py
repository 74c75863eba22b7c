# label: right
# exercise: ex5_fix_task_done
# contract: keeps every point; run_pipeline is a class whose instances can be awaited; nothing starts before that
# expect: Passed.
"""A pipeline is a thing that can be awaited."""

import asyncio
import random


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""

async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    rng = random.Random()  # one per consumer, each seeded by the system
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    clean = delay * backoff ** (attempt - 1)
                    stats["retried"] += 1
                    await asyncio.sleep(clean + rng.uniform(0, clean * jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()


class run_pipeline:
    def __init__(self, items, process_item, *, consumers=3, maxsize=3, **retry):
        self.items, self.process_item = items, process_item
        self.consumers, self.maxsize, self.retry = consumers, maxsize, retry

    def __await__(self):
        return self._run().__await__()

    async def _run(self):
        stats = {"consumed": 0, "retried": 0, "failed": 0}
        q = asyncio.Queue(self.maxsize)
        async with asyncio.TaskGroup() as group:
            crew = [
                group.create_task(consumer(f"C{n}", q, self.process_item, stats, **self.retry))
                for n in range(self.consumers)
            ]
            for item in self.items:
                await q.put(item)
            await q.join()
            for task in crew:
                task.cancel()
        return stats
