# label: right
# exercise: ex13_budget_the_retries
# contract: keeps every point; first-error wait, and shutdown() on 3.13
# expect: Passed.
import asyncio
import random
import sys


class TransientError(Exception):
    pass


END = object()


async def run_pipeline(items, process_item, *, budget=10.0, refund=0.1, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    count = {"consumed": 0, "retried": 0, "failed": 0}
    left = budget
    q = asyncio.Queue(maxsize)

    def pay(amount):
        nonlocal left
        left += amount
        left = 0 if left < 0 else budget if left > budget else left
        return left

    async def settle(item):
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if pay(-1) <= budget / 2:
                    return "failed"
                if attempt < attempts:
                    count["retried"] += 1
                    d = delay * backoff ** (attempt - 1)
                    await asyncio.sleep(d + random.uniform(0, d * jitter))
            else:
                pay(refund)
                return "consumed"
        return "failed"

    async def consumer():
        try:
            while (item := await q.get()) is not END:
                count[await settle(item)] += 1
                q.task_done()
        except Exception as error:
            if type(error).__name__ != "QueueShutDown" or q.qsize():
                raise

    async def producer():
        for item in items:
            await q.put(item)
        if sys.version_info >= (3, 13):
            q.shutdown()
        else:
            for _ in range(consumers):
                await q.put(END)

    tasks = [asyncio.create_task(one) for one in (producer(), *(consumer() for _ in range(consumers)))]
    done, rest = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    for one in rest:
        one.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    for one in done:
        one.result()
    return count
