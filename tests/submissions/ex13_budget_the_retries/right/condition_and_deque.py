# label: right
# exercise: ex13_budget_the_retries
# contract: keeps every point without a queue: a deque and a condition
# expect: Passed.
import asyncio
import random
from collections import deque


class TransientError(Exception):
    pass


async def run_pipeline(items, process_item, *, budget=10.0, refund=0.1, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    level = {"now": budget}
    waiting, changed, over = deque(), asyncio.Condition(), False

    def count(ok):
        level["now"] = min(budget, level["now"] + refund) if ok else max(0, level["now"] - 1)

    async def take():
        async with changed:
            await changed.wait_for(lambda: waiting or over)
            if not waiting:
                return None
            item = waiting.popleft()
            changed.notify_all()
            return item

    async def work():
        while (item := await take()) is not None:
            tried = 0
            while True:
                tried += 1
                try:
                    await process_item(item[0])
                except TransientError:
                    count(False)
                    if tried < attempts and level["now"] > budget / 2:
                        stats["retried"] += 1
                        d = delay * backoff ** (tried - 1)
                        await asyncio.sleep(d + random.uniform(0, d * jitter))
                        continue
                    stats["failed"] += 1
                else:
                    count(True)
                    stats["consumed"] += 1
                break

    async with asyncio.TaskGroup() as group:
        for _ in range(consumers):
            group.create_task(work())
        for item in items:
            async with changed:
                await changed.wait_for(lambda: len(waiting) < maxsize)
                waiting.append((item,))
                changed.notify_all()
        async with changed:
            over = True
            changed.notify_all()
    return stats
