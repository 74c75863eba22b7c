# label: right
# exercise: ex5_fix_task_done
# contract: keeps every point; both names are objects with an async __call__
# expect: Passed: every item is marked as done once, the pipeline ends by itself, and errors surface.
import asyncio
import random
from dataclasses import dataclass, field


class TransientError(Exception):
    pass


@dataclass
class Consumer:
    dice: random.Random = field(default_factory=random.Random)

    async def __call__(self, name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
        while True:
            item = await q.get()
            outcome = await self.settle(item, process_item, stats, attempts, delay, backoff, jitter)
            stats[outcome] += 1
            q.task_done()

    async def settle(self, item, process_item, stats, attempts, delay, backoff, jitter):
        while attempts > 0:
            try:
                await process_item(item)
            except TransientError:
                attempts -= 1
            else:
                return "consumed"
            if attempts:
                stats["retried"] += 1
                await asyncio.sleep(delay + self.dice.uniform(0, delay * jitter))
                delay *= backoff
        return "failed"


@dataclass
class Pipeline:
    work: Consumer

    async def __call__(self, items, process_item, *, consumers=3, maxsize=3, **patience):
        stats = {"consumed": 0, "retried": 0, "failed": 0}
        q = asyncio.Queue(maxsize=maxsize)
        async with asyncio.TaskGroup() as tg:
            crew = [tg.create_task(self.work(f"C{n}", q, process_item, stats, **patience)) for n in range(consumers)]
            for item in items:
                await q.put(item)
            await q.join()
            for task in crew:
                task.cancel()
        return stats


consumer = Consumer()
run_pipeline = Pipeline(consumer)
