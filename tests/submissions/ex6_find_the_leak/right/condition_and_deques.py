# label: right
# exercise: ex6_find_the_leak
# contract: keeps every point; two deques under one Condition each, no asyncio.Queue
# expect: Passed: all that can wait is bounded, and nothing is slowed.
import asyncio
from collections import deque


class Line:
    """A bounded line that can be closed."""

    def __init__(self, size, writers):
        self.size, self.writers = size, writers
        self.things = deque()
        self.changed = asyncio.Condition()

    async def add(self, thing):
        async with self.changed:
            await self.changed.wait_for(lambda: len(self.things) < self.size)
            self.things.append(thing)
            self.changed.notify_all()

    async def close(self):
        async with self.changed:
            self.writers -= 1
            self.changed.notify_all()

    def __aiter__(self):
        return self

    async def __anext__(self):
        async with self.changed:
            await self.changed.wait_for(lambda: self.things or not self.writers)
            if not self.things:
                raise StopAsyncIteration
            thing = self.things.popleft()
            self.changed.notify_all()
            return thing


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo, fetched = Line(maxsize, 1), Line(maxsize, consumers)

    async def fetcher():
        async for item in todo:
            await fetched.add(await fetch(item))
        await fetched.close()

    async def storer():
        async for record in fetched:
            await store(record)

    async with asyncio.TaskGroup() as group:
        for _ in range(consumers):
            group.create_task(fetcher())
        group.create_task(storer())
        for item in items:
            await todo.add(item)
        await todo.close()
