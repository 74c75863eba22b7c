# label: right
# exercise: ex6_find_the_leak
# contract: keeps every point; the queues are shut down on Python 3.13; before, a subclass of the queue does the same with end marks
# expect: Passed: all that can wait is bounded, and nothing is slowed.
import asyncio

END = object()


class Closing(asyncio.Queue):
    """A queue that is iterated until it is closed and empty, by any number of readers."""

    def __init__(self, maxsize, writers=1, readers=1):
        super().__init__(maxsize)
        self.writers, self.readers = writers, readers

    async def close(self):
        self.writers -= 1
        if self.writers:
            return
        if hasattr(asyncio, "QueueShutDown"):
            self.shutdown()
        else:
            for _ in range(self.readers):
                await self.put(END)

    async def __aiter__(self):
        ended = getattr(asyncio, "QueueShutDown", ())
        while True:
            try:
                thing = await self.get()
            except ended:
                return
            if thing is END:
                return
            yield thing


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo = Closing(maxsize, readers=consumers)
    records = Closing(maxsize, writers=consumers)

    async def producer():
        for item in items:
            await todo.put(item)
        await todo.close()

    async def consumer():
        async for item in todo:
            await records.put(await fetch(item))
        await records.close()

    async def archivist():
        async for record in records:
            await store(record)

    async with asyncio.TaskGroup() as group:
        for job in (producer(), archivist(), *(consumer() for _ in range(consumers))):
            group.create_task(job)
