# label: wrong
# exercise: ex6_find_the_leak
# misconception: task-done-twice
# contract: ex6 point 2: a record is marked as done in the loop and in a `finally`: a ValueError ends the run
# expect: task_done() is called twice for a record.
import asyncio


class Archive:
    """Stores records, one at a time, in a task of its own."""

    def __init__(self, store, maxsize):
        self._store = store
        self._records = asyncio.Queue(maxsize)

    async def add(self, record):
        await self._records.put(record)

    async def run(self):
        while True:
            record = await self._records.get()
            try:
                await self._store(record)
                self._records.task_done()
            finally:
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
