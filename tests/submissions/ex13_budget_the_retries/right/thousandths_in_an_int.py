# label: right
# exercise: ex13_budget_the_retries
# contract: keeps every point; the budget is a whole number of thousandths
# expect: Passed.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(q, process_item, stats, purse, attempts, delay, backoff, jitter):
    full, left, refund = range(3)
    while True:
        item = await q.get()
        outcome, key = None, "failed"
        for exponent in range(attempts):
            if outcome is not None:
                stats["retried"] += 1
                await asyncio.sleep(outcome)
            outcome = None
            try:
                await process_item(item)
                purse[left] = min(purse[full], purse[left] + purse[refund])
                key = "consumed"
                break
            except TransientError:
                pass
            purse[left] = max(0, purse[left] - 1000)
            if purse[left] * 2 <= purse[full]:
                break
            clean = delay * backoff ** exponent
            outcome = clean + random.random() * jitter * clean
        stats[key] += 1
        q.task_done()


async def run_pipeline(items, process_item, *, budget=10.0, refund=0.1, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    purse = [round(budget * 1000), round(budget * 1000), round(refund * 1000)]
    q = asyncio.Queue(maxsize=maxsize)
    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consumer(q, process_item, stats, purse, attempts, delay, backoff, jitter))
                for _ in range(consumers)]
        for item in items:
            await q.put(item)
        await q.join()
        [one.cancel() for one in crew]
    return stats
