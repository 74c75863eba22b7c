# label: right
# exercise: ex13_budget_the_retries
# contract: keeps every point; the budget is a nonlocal name, consumers end by a mark each
# expect: Passed.
import asyncio
import random


class TransientError(Exception):
    pass


async def run_pipeline(items, process_item, *, budget=10.0, refund=0.1, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    stats = dict(consumed=0, retried=0, failed=0)
    left = float(budget)
    q = asyncio.Queue(maxsize)
    end = object()

    async def settle(item):
        nonlocal left
        wait = delay
        for tries_left in reversed(range(attempts)):
            try:
                await process_item(item)
            except TransientError:
                left = left - 1 if left > 1 else 0.0
                if not tries_left or 2 * left <= budget:
                    break
                stats["retried"] += 1
                await asyncio.sleep(wait + wait * jitter * random.random())
                wait *= backoff
            else:
                left = budget if left + refund > budget else left + refund
                stats["consumed"] += 1
                return
        stats["failed"] += 1

    async def work():
        while (item := await q.get()) is not end:
            await settle(item)
            q.task_done()

    async def produce():
        for item in items:
            await q.put(item)
        for _ in range(consumers):
            await q.put(end)

    crew = [asyncio.create_task(one) for one in (produce(), *(work() for _ in range(consumers)))]
    try:
        await asyncio.gather(*crew)
    finally:
        for one in crew:
            one.cancel()
        await asyncio.gather(*crew, return_exceptions=True)
    return stats
