# label: wrong
# exercise: ex1_add_maxsize
# misconception: raises-an-error-of-its-own
# contract: ex1 point 2: `if` instead of `while` around cond.wait(): IndexError when more consumers wake than items came (maxsize or n < consumers)
# expect: The code raises an error that is none of the service's.
import asyncio
from collections import deque

END = object()


class Channel:
    def __init__(self, maxsize):
        self.maxsize, self.buffer, self.cond = maxsize, deque(), asyncio.Condition()

    async def put(self, item):
        async with self.cond:
            if len(self.buffer) >= self.maxsize:
                await self.cond.wait()
            self.buffer.append(item)
            self.cond.notify_all()
            if item is not END:
                print("PROD", item, "SZ", len(self.buffer))

    async def get(self):
        async with self.cond:
            if not self.buffer:
                await self.cond.wait()
            item = self.buffer.popleft()
            self.cond.notify_all()
            return item


async def consumer(channel, work):
    while (item := await channel.get()) is not END:
        await work(item)


async def producer(channel, items, consumers):
    for item in items:
        await channel.put(item)
    for _ in range(consumers):
        await channel.put(END)


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    channel = Channel(maxsize)
    async with asyncio.TaskGroup() as group:
        for _ in range(consumers):
            group.create_task(consumer(channel, work))
        group.create_task(producer(channel, items, consumers))
