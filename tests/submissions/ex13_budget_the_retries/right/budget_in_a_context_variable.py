# label: right
# exercise: ex13_budget_the_retries
# contract: keeps every point; the run's budget is in a context variable, under a lock
# expect: Passed.
import asyncio
import random
from contextvars import ContextVar
from dataclasses import dataclass, field


class TransientError(Exception):
    pass


@dataclass
class Tank:
    size: float
    refund: float
    left: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self):
        self.left = self.size

    async def add(self, amount):
        async with self.lock:
            self.left = max(0.0, min(self.size, self.left + amount))
            return self.left / self.size > 0.5


tank = ContextVar("tank")


async def consumer(q, process_item, stats, attempts, delay, backoff, jitter):
    while True:
        item = await q.get()
        for number in range(attempts):
            try:
                await process_item(item)
            except TransientError:
                enough = await tank.get().add(-1)
                if enough and number < attempts - 1:
                    stats["retried"] += 1
                    await asyncio.sleep((1 + random.uniform(0, jitter)) * delay * backoff ** number)
                    continue
                stats["failed"] += 1
            else:
                await tank.get().add(tank.get().refund)
                stats["consumed"] += 1
            break
        q.task_done()


async def run_pipeline(items, process_item, *, budget=10.0, refund=0.1, consumers=3, maxsize=3, **retry):
    given = {"attempts": 4, "delay": 0.03, "backoff": 2.0, "jitter": 0.25} | retry
    stats = dict.fromkeys(("consumed", "retried", "failed"), 0)
    tank.set(Tank(budget, refund))
    q = asyncio.Queue(maxsize)
    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consumer(q, process_item, stats, **given)) for _ in range(consumers)]
        for item in items:
            await q.put(item)
        await q.join()
        for one in crew:
            one.cancel()
    return stats
