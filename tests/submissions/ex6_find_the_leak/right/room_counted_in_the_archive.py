# label: right
# exercise: ex6_find_the_leak
# contract: keeps every point; the archive's queue stays without a bound, and a semaphore counts its room, given back after the store
# expect: Passed: all that can wait is bounded, and nothing is slowed.
import asyncio


class Archive:
    """An unbounded queue; a semaphore counts the room in it."""

    def __init__(self, store, room):
        self.store = store
        self.records = asyncio.Queue()
        self.room = asyncio.Semaphore(room)

    async def add(self, record):
        await self.room.acquire()
        self.records.put_nowait(record)

    async def run(self):
        while True:
            record = await self.records.get()
            try:
                await self.store(record)
            finally:
                self.room.release()
                self.records.task_done()


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo = asyncio.Queue(maxsize)
    archive = Archive(store, maxsize + 1)

    async def fetcher():
        while True:
            item = await todo.get()
            await archive.add(await fetch(item))
            todo.task_done()

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(fetcher()) for _ in range(consumers)]
        tasks.append(group.create_task(archive.run()))
        for item in items:
            await todo.put(item)
        await todo.join()
        await archive.records.join()
        for task in tasks:
            task.cancel()
