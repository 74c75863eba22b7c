# label: right
# exercise: ex13_budget_the_retries
# contract: keeps every point; a task for each item, two semaphores instead of a queue
# expect: Passed.
import asyncio
import random


class TransientError(Exception):
    pass


async def run_pipeline(items, process_item, *, budget=10.0, refund=0.1, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    left = [budget]
    places, hands = asyncio.Semaphore(maxsize), asyncio.Semaphore(consumers)

    async def tried(item):
        try:
            await process_item(item)
        except TransientError:
            left[0] = max(0, left[0] - 1)
            return left[0] > budget / 2
        left[0] = min(budget, left[0] + refund)
        return None

    async def handle(item):
        async with hands:
            places.release()
            for k in range(attempts):
                again = await tried(item)
                if again is None:
                    stats["consumed"] += 1
                    return
                if not again or k == attempts - 1:
                    stats["failed"] += 1
                    return
                stats["retried"] += 1
                await asyncio.sleep(delay * backoff ** k * random.uniform(1, 1 + jitter))

    async with asyncio.TaskGroup() as group:
        for item in items:
            await places.acquire()
            group.create_task(handle(item))
    return stats
