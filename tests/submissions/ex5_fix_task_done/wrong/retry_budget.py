# label: wrong
# exercise: ex5_fix_task_done
# misconception: tries-carried-to-next-item
# contract: ex5: 4 (ex2 point 1): A consumer has a budget of 20 retries for its whole life, afterwards items are given up on after their first failure; shows from the 21st retry of a consumer on
# expect: The tries of earlier items count for later ones.
import asyncio
import random


class TransientError(Exception):
    """Try again."""


RETRY_BUDGET = 20  # protects the service when it is down


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    budget = RETRY_BUDGET
    while True:
        item = await q.get()
        attempt = 0
        while True:
            attempt += 1
            try:
                await process_item(item)
            except TransientError:
                if attempt >= attempts or budget == 0:
                    stats["failed"] += 1
                    break
                budget -= 1
                stats["retried"] += 1
                clean = delay * backoff ** (attempt - 1)
                await asyncio.sleep(clean + random.uniform(0, clean * jitter))
            else:
                stats["consumed"] += 1
                break
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
