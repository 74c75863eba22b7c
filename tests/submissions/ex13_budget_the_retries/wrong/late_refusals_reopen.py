# label: wrong
# exercise: ex13_budget_the_retries
# misconception: budget-below-zero
# contract: point 1: what is refused is charged without a floor
# expect: Refused items took the budget below 0.
import asyncio
import random


class TransientError(Exception):
    pass


class Budget:
    def __init__(self, budget, refund):
        self.budget = budget
        self.refund = refund
        self.left = budget

    def failure(self):
        self.left = self.left - 1 if self.left - 1 <= self.budget / 2 else max(0, self.left - 1)

    def success(self):
        self.left = min(self.budget, self.left + self.refund)

    def spent(self):
        return self.left <= self.budget / 2


async def consumer(name, q, process_item, stats, shared, attempts, delay, backoff, jitter):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                shared.failure()
                if attempt == attempts or shared.spent():
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                d = delay * backoff ** (attempt - 1)
                await asyncio.sleep(d + random.uniform(0, d * jitter))
            else:
                shared.success()
                stats["consumed"] += 1
                break
        q.task_done()


async def run_pipeline(items, process_item, *, budget=10.0, refund=0.1, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    shared = Budget(budget, refund)
    q = asyncio.Queue(maxsize)
    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consumer(f"C{n}", q, process_item, stats, shared, attempts, delay,
                                           backoff, jitter))
                for n in range(1, consumers + 1)]
        for item in items:
            await q.put(item)
        await q.join()
        for task in crew:
            task.cancel()
    return stats
