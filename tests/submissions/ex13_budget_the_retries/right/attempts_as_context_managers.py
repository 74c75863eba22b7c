# label: right
# exercise: ex13_budget_the_retries
# contract: keeps every point; a policy hands out tries, which swallow what may be retried
# expect: Passed.
import asyncio
import random


class TransientError(Exception):
    pass


class Policy:
    def __init__(self, budget, refund, attempts, delay, backoff, jitter):
        self.budget, self.refund, self.left = budget, refund, budget
        self.attempts, self.delay, self.backoff, self.jitter = attempts, delay, backoff, jitter
        self.stats = {"consumed": 0, "retried": 0, "failed": 0}

    async def tries(self):
        for number in range(1, self.attempts + 1):
            one = Try(self)
            yield one
            if one.succeeded:
                self.stats["consumed"] += 1
                return
            if number == self.attempts or one.left <= self.budget / 2:
                break
            self.stats["retried"] += 1
            d = self.delay * self.backoff ** (number - 1)
            await asyncio.sleep(d + random.uniform(0, d * self.jitter))
        self.stats["failed"] += 1


class Try:
    def __init__(self, policy):
        self.policy, self.succeeded, self.left = policy, False, None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _trace):
        policy = self.policy
        if error is None:
            self.succeeded = True
            policy.left = min(policy.budget, policy.left + policy.refund)
        elif isinstance(error, TransientError):
            policy.left = max(0, policy.left - 1)
            self.left = policy.left
            return True
        return False


async def run_pipeline(items, process_item, *, budget=10.0, refund=0.1, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    policy = Policy(budget, refund, attempts, delay, backoff, jitter)
    q = asyncio.Queue(maxsize)

    async def consumer():
        while True:
            item = await q.get()
            async for one in policy.tries():
                with one:
                    await process_item(item)
            q.task_done()

    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consumer(), name=f"C{n}") for n in range(consumers)]
        for item in items:
            await q.put(item)
        await q.join()
        for one in crew:
            one.cancel()
    return policy.stats
