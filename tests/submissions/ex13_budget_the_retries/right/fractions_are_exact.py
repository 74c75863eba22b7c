# label: right
# exercise: ex13_budget_the_retries
# contract: keeps every point; the budget is a fraction, shut down where Python can
# expect: Passed.
import asyncio
import random
from fractions import Fraction


class TransientError(Exception):
    pass


class Ledger:
    def __init__(self, budget, refund):
        self.full, self.refund = Fraction(str(budget)), Fraction(str(refund))
        self.left = self.full

    def book(self, ok):
        change = self.refund if ok else -1
        self.left = sorted((Fraction(0), self.left + change, self.full))[1]
        return self.left * 2 > self.full


class Pipeline:
    def __init__(self, process_item, consumers, maxsize, attempts, delay, backoff, jitter, ledger):
        self.process_item, self.consumers, self.attempts = process_item, consumers, attempts
        self.maxsize, self.ledger = maxsize, ledger
        self.delay, self.backoff, self.jitter = delay, backoff, jitter
        self.stats = {"consumed": 0, "retried": 0, "failed": 0}
        self.q = asyncio.Queue(maxsize)

    async def attempt(self, item):
        try:
            await self.process_item(item)
        except TransientError:
            return False
        return True

    async def settle(self, item):
        for number in range(self.attempts):
            ok = await self.attempt(item)
            again = self.ledger.book(ok) and number + 1 < self.attempts
            if ok or not again:
                self.stats["consumed" if ok else "failed"] += 1
                return
            self.stats["retried"] += 1
            d = self.delay * self.backoff ** number
            await asyncio.sleep(random.uniform(d, d + d * self.jitter))

    async def consume(self):
        while True:
            item = await self.q.get()
            await self.settle(item)
            self.q.task_done()

    async def run(self, items):
        async with asyncio.TaskGroup() as group:
            crew = {group.create_task(self.consume()) for _ in range(self.consumers)}
            for item in items:
                await self.q.put(item)
            await self.q.join()
            for one in crew:
                one.cancel()
        return self.stats


def run_pipeline(items, process_item, *, budget=10.0, refund=0.1, consumers=3, maxsize=3, attempts=4,
                 delay=0.03, backoff=2.0, jitter=0.25):
    made = Pipeline(process_item, consumers, maxsize, attempts, delay, backoff, jitter, Ledger(budget, refund))
    return made.run(items)
