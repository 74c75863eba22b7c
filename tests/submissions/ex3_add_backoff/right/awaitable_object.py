# label: right
# exercise: ex3_add_backoff
# contract: keeps every point; the call gives an object with __await__: something to await, though not a coroutine
# expect: Passed.

import asyncio
import time
from collections import Counter


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


class Consumption:
    def __init__(self, q, process_item, stats, attempts, delay, backoff):
        self.q, self.process_item, self.stats = q, process_item, stats
        self.attempts, self.delay, self.backoff = attempts, delay, backoff

    def __await__(self):
        return self.run().__await__()

    async def run(self):
        while True:
            item = await self.q.get()
            key = "consumed" if await self.settle(item) else "failed"
            self.stats[key] += 1
            self.q.task_done()

    async def settle(self, item):
        pause = self.delay
        for left in range(self.attempts - 1, -1, -1):
            try:
                await self.process_item(item)
                return True
            except TransientError:
                if not left:
                    return False
            await asyncio.sleep(pause)
            pause *= self.backoff
            self.stats["retried"] += 1


def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
    return Consumption(q, process_item, stats, attempts, delay, backoff)
