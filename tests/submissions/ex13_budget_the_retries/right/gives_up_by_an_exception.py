# label: right
# exercise: ex13_budget_the_retries
# contract: keeps every point; giving up is an exception of its own, marked in a finally
# expect: Passed.
import asyncio
import random


class TransientError(Exception):
    pass


class GiveUp(Exception):
    pass


async def run_pipeline(items, process_item, *, budget=10.0, refund=0.1, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    shared = {"left": budget}
    q = asyncio.Queue(maxsize)

    async def call(item):
        try:
            await process_item(item)
        except TransientError as error:
            shared["left"] = max(0.0, shared["left"] - 1)
            if shared["left"] <= budget / 2:
                raise GiveUp from error
            raise
        shared["left"] = min(budget, shared["left"] + refund)

    async def settle(item, k=1):
        try:
            await call(item)
        except TransientError:
            if k == attempts:
                raise GiveUp from None
        else:
            return
        stats["retried"] += 1
        d = delay * backoff ** (k - 1)
        await asyncio.sleep(d + random.uniform(0, d * jitter))
        await settle(item, k + 1)

    async def consumer():
        while True:
            item = await q.get()
            try:
                await settle(item)
                stats["consumed"] += 1
            except GiveUp:
                stats["failed"] += 1
            finally:
                q.task_done()

    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consumer()) for _ in range(consumers)]
        for item in items:
            await q.put(item)
        await q.join()
        for one in crew:
            one.cancel()
    return stats
