# label: right
# exercise: ex13_budget_the_retries
# contract: keeps every point; a generator keeps the budget, and is sent what happened
# expect: Passed.
import asyncio
import random


class TransientError(Exception):
    pass


def keep(budget, refund):
    left, allowed = budget, True
    while True:
        change = yield allowed
        left = min(budget, max(0, left + change))
        allowed = left > budget / 2


def pauses(attempts, delay, backoff, jitter):
    for k in range(attempts - 1):
        yield delay * backoff ** k * (1 + jitter * random.random())


async def run_pipeline(items, process_item, *, budget=10.0, refund=0.1, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    keeper = keep(budget, refund)
    next(keeper)
    q = asyncio.Queue(maxsize)

    async def consumer():
        while True:
            item = await q.get()
            rest = pauses(attempts, delay, backoff, jitter)
            while True:
                try:
                    await process_item(item)
                except TransientError:
                    pause = next(rest, None)
                    if keeper.send(-1) and pause is not None:
                        stats["retried"] += 1
                        await asyncio.sleep(pause)
                        continue
                    stats["failed"] += 1
                else:
                    keeper.send(+refund)
                    stats["consumed"] += 1
                q.task_done()
                break

    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consumer()) for _ in range(consumers)]
        for item in items:
            await q.put(item)
        await q.join()
        for one in crew:
            one.cancel()
    return stats
