# label: right
# exercise: ex13_budget_the_retries
# contract: keeps every point; it counts what is used up, from the other end
# expect: Passed.
import asyncio
import random


class TransientError(Exception):
    pass


class Wear:
    """What the failures have used up: 0 is fine, `top` is the worst."""

    def __init__(self, top, rest):
        self.top, self.rest, self.used = top, rest, 0

    def bear(self):
        self.used = min(self.top, self.used + 1)
        return self.used < self.top / 2

    def recover(self):
        self.used = max(0, self.used - self.rest)


async def consumer(q, process_item, stats, wear, attempts, pause_after):
    while True:
        item = await q.get()
        attempt, more = 0, True
        while more:
            attempt += 1
            try:
                await process_item(item)
                stats["consumed"] += 1
                wear.recover()
                more = False
            except TransientError:
                bearable = wear.bear()
                more = bearable and attempt < attempts
                if more:
                    stats["retried"] += 1
                    await asyncio.sleep(pause_after(attempt))
                else:
                    stats["failed"] += 1
        q.task_done()


async def run_pipeline(items, process_item, *, budget=10.0, refund=0.1, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    wear, q = Wear(budget, refund), asyncio.Queue(maxsize)

    def pause_after(attempt):
        return delay * backoff ** (attempt - 1) * random.uniform(1, 1 + jitter)

    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consumer(q, process_item, stats, wear, attempts, pause_after))
                for _ in range(consumers)]
        for item in items:
            await q.put(item)
        await q.join()
        for one in crew:
            one.cancel()
    return stats
