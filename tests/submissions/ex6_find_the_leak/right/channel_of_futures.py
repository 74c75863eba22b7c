# label: right
# exercise: ex6_find_the_leak
# contract: keeps every point; a channel of its own making: whoever waits has a future, which is passed on when the wait is cancelled
# expect: Passed: all that can wait is bounded, and nothing is slowed.
import asyncio
from collections import deque


class Channel:
    """Room for so many things; whoever waits has a future of its own."""

    def __init__(self, size):
        self.size, self.things = size, deque()
        self.givers, self.takers = deque(), deque()
        self.closed = False

    def _wake(self, waiters):
        while waiters:
            waiter = waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    async def _wait(self, waiters):
        waiter = asyncio.get_running_loop().create_future()
        waiters.append(waiter)
        try:
            await waiter
        except BaseException:
            if waiter.done() and not waiter.cancelled():
                self._wake(waiters)
            raise

    async def give(self, thing):
        while len(self.things) >= self.size:
            await self._wait(self.givers)
        self.things.append(thing)
        self._wake(self.takers)

    def close(self):
        self.closed = True
        while self.takers:
            self._wake(self.takers)

    async def take(self):
        while not self.things:
            if self.closed:
                raise EOFError
            await self._wait(self.takers)
        self._wake(self.givers)
        return self.things.popleft()


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo, records = Channel(maxsize), Channel(maxsize)

    async def produce():
        for item in items:
            await todo.give(item)
        todo.close()

    async def fetching():
        while True:
            try:
                item = await todo.take()
            except EOFError:
                return
            await records.give(await fetch(item))

    async def all_fetching():
        async with asyncio.TaskGroup() as crew:
            for _ in range(consumers):
                crew.create_task(fetching())
        records.close()

    async def storing():
        while True:
            try:
                record = await records.take()
            except EOFError:
                return
            await store(record)

    async with asyncio.TaskGroup() as group:
        for job in (produce, all_fetching, storing):
            group.create_task(job())
