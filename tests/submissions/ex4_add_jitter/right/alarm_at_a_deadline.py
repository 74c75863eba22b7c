# label: right
# exercise: ex4_add_jitter
# contract: keeps every point; a plain def returns the coroutine of a client object; it waits on a bare future that loop.call_at rings; cancelled, it takes the alarm back
# expect: Passed.
import asyncio
import random


class TransientError(Exception):
    pass


class Client:
    def __init__(self, name, q, work, stats, attempts, delay, backoff, jitter):
        self.name, self.q, self.work, self.stats = name, q, work, stats
        self.attempts, self.delay, self.backoff, self.jitter = attempts, delay, backoff, jitter

    async def run(self):
        while True:
            item = await self.q.get()
            outcome = "consumed" if await self.settle(item) else "failed"
            self.stats[outcome] += 1
            print(self.name, outcome)
            self.q.task_done()

    async def settle(self, item):
        failures = 0
        while failures < self.attempts:
            if failures:
                await self.rest(failures)
            try:
                await self.work(item)
                return True
            except TransientError:
                failures += 1
        return False

    async def rest(self, k):
        d = self.delay * self.backoff ** (k - 1)
        loop = asyncio.get_running_loop()
        bell = loop.create_future()
        self.stats["retried"] += 1

        def ring():
            if not bell.done():
                bell.set_result(None)

        alarm = loop.call_at(loop.time() + d + random.random() * d * self.jitter, ring)
        try:
            await bell
        finally:
            alarm.cancel()


def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    return Client(name, q, process_item, stats, attempts, delay, backoff, jitter).run()
