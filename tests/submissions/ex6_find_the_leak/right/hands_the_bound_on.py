# label: right
# exercise: ex6_find_the_leak
# contract: keeps every point; the stub with the bound handed on to the archive
# expect: Passed: all that can wait is bounded, and nothing is slowed.
import asyncio


class Archive:
    def __init__(self, store, maxsize):
        self._store = store
        self._records = asyncio.Queue(maxsize=maxsize)

    async def add(self, record):
        await self._records.put(record)

    async def run(self):
        while True:
            await self._store(await self._records.get())
            self._records.task_done()

    async def all_stored(self):
        await self._records.join()


async def fetcher(todo, fetch, archive):
    while True:
        item = await todo.get()
        await archive.add(await fetch(item))
        todo.task_done()


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo = asyncio.Queue(maxsize)
    archive = Archive(store, maxsize)
    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(fetcher(todo, fetch, archive)) for _ in range(consumers)]
        crew.append(group.create_task(archive.run()))
        for item in items:
            await todo.put(item)
        await todo.join()
        await archive.all_stored()
        for task in crew:
            task.cancel()
