# label: wrong
# exercise: ex6_find_the_leak
# misconception: polls-between-the-stages
# contract: ex6 point 4: a consumer looks now and then whether there is room for its record
# expect: A consumer polls.
import asyncio


class Archive:
    """Stores records, one at a time, in a task of its own."""

    def __init__(self, store, maxsize):
        self._maxsize = maxsize
        self._store = store
        self._records = asyncio.Queue()

    async def add(self, record):
        while self._records.qsize() >= self._maxsize:
            await asyncio.sleep(0.01)
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
