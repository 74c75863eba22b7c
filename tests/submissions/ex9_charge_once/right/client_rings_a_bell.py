# label: right
# exercise: ex9_charge_once
# contract: keeps every point; a client object waits on a bare future that loop.call_later rings; a plain def returns its coroutine; the key comes from the system's bytes
# expect: Passed.
import asyncio
import os
import random


class TransientError(Exception):
    pass

class Client:
    def __init__(self, q, charge, stats, attempts, delay, backoff, jitter):
        self.q, self.charge, self.stats = q, charge, stats
        self.attempts, self.delay, self.backoff, self.jitter = attempts, delay, backoff, jitter

    async def run(self):
        while True:
            item = await self.q.get()
            paid = await self.settle(item, os.urandom(16).hex())
            self.stats["consumed" if paid else "failed"] += 1
            self.q.task_done()

    async def settle(self, item, key):
        failures = 0
        while failures < self.attempts:
            if failures:
                await self.rest(self.delay * self.backoff ** (failures - 1))
            try:
                await self.charge(item, key=key)
                return True
            except TransientError:
                failures += 1
        return False

    async def rest(self, clean):
        self.stats["retried"] += 1
        loop = asyncio.get_running_loop()
        bell = loop.create_future()
        alarm = loop.call_later(clean + random.uniform(0, clean * self.jitter), bell.set_result, None)
        try:
            await bell
        finally:
            alarm.cancel()


def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    return Client(q, charge, stats, attempts, delay, backoff, jitter).run()
