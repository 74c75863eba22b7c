# label: right
# exercise: ex8_cap_the_wait
# contract: keeps every point; each item is settled in a task of its own, which the consumer awaits
# expect: Passed: the consumer holds one item, whoever works on it.
import asyncio
import math
import random


class TransientError(Exception):
    pass


class Settling:
    def __init__(self, item, process_item, stats, attempts, pause, backoff, jitter, max_delay, latest):
        self.item, self.process_item, self.stats = item, process_item, stats
        self.left, self.pause, self.backoff = attempts, pause, backoff
        self.jitter, self.max_delay, self.latest = jitter, max_delay, latest

    async def run(self):
        while not await self.tried():
            d = min(self.pause, self.max_delay)
            pause = d + random.uniform(0, d * self.jitter)
            if not self.left or asyncio.get_running_loop().time() + pause > self.latest:
                return "failed"
            self.stats["retried"] += 1
            await asyncio.sleep(pause)
            self.pause = float(self.pause) * self.backoff
        return "consumed"

    async def tried(self):
        self.left -= 1
        try:
            await self.process_item(self.item)
        except TransientError:
            return False
        return True


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    loop = asyncio.get_running_loop()
    while True:
        item = await q.get()
        latest = math.inf if deadline is None else loop.time() + deadline
        settling = Settling(item, process_item, stats, attempts, delay, backoff, jitter, max_delay, latest)
        task = asyncio.create_task(settling.run(), name=f"{name} on an item")
        stats[await task] += 1
        q.task_done()
