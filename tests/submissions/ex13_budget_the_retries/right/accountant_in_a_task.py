# label: right
# exercise: ex13_budget_the_retries
# contract: keeps every point; a task of its own keeps the budget, and answers by futures
# expect: Passed.
import asyncio
import random


class TransientError(Exception):
    pass


async def accountant(letters, budget, refund):
    left = budget
    while True:
        ok, answer = await letters.get()
        left = min(budget, left + refund) if ok else max(0.0, left - 1)
        answer.set_result(left > budget / 2)


async def consumer(q, process_item, stats, ask, attempts, delay, backoff, jitter):
    while True:
        item = await q.get()
        for k in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if not await ask(False) or k == attempts:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                d = delay * backoff ** (k - 1)
                await asyncio.sleep(d + random.uniform(0, d * jitter))
            else:
                await ask(True)
                stats["consumed"] += 1
                break
        q.task_done()


async def run_pipeline(items, process_item, *, budget=10.0, refund=0.1, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    q, letters = asyncio.Queue(maxsize), asyncio.Queue()

    async def ask(ok):
        answer = asyncio.get_running_loop().create_future()
        letters.put_nowait((ok, answer))
        return await answer

    async with asyncio.TaskGroup() as group:
        clerk = group.create_task(accountant(letters, budget, refund))
        crew = [group.create_task(consumer(q, process_item, stats, ask, attempts, delay, backoff, jitter))
                for _ in range(consumers)]
        for item in items:
            await q.put(item)
        await q.join()
        for one in (clerk, *crew):
            one.cancel()
    return stats
