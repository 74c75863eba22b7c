# label: right
# exercise: ex1_add_maxsize
# contract: keeps every point, with a queue of its own instead of asyncio.Queue
# expect: Passed.
import asyncio
import time
from collections import deque

T0 = time.perf_counter()


class Channel:
    def __init__(self, size):
        self.size, self.items, self.open = size, deque(), 0
        self.changed = asyncio.Condition()

    async def put(self, item):
        async with self.changed:
            await self.changed.wait_for(lambda: len(self.items) < self.size)
            self.items.append(item)
            self.open += 1
            self.changed.notify_all()

    async def get(self):
        async with self.changed:
            await self.changed.wait_for(lambda: self.items)
            self.changed.notify_all()
            return self.items.popleft()

    async def done(self):
        async with self.changed:
            self.open -= 1
            self.changed.notify_all()

    async def empty(self):
        async with self.changed:
            await self.changed.wait_for(lambda: not self.open)


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    channel = Channel(maxsize)

    async def consumer():
        while True:
            item = await channel.get()
            await work(item)
            await channel.done()

    workers = [asyncio.create_task(consumer()) for _ in range(consumers)]
    for item in items:
        await channel.put(item)
        print(f"PROD {item} SZ {len(channel.items)} {time.perf_counter() - T0:.3f}")
    await channel.empty()
    for t in workers:
        t.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
