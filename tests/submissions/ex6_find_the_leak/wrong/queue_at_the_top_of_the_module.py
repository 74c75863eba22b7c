# label: wrong
# exercise: ex6_find_the_leak
# misconception: state-shared-between-runs
# contract: ex6 point 2: the archive's queue stands at the top of the module, where two runs share it
# expect: Two runs at once get each other's records.
import asyncio

_archives = {}


class Archive:
    """One for each store, kept for the next run."""

    def __init__(self, store, maxsize):
        self.store = store
        self.records = asyncio.Queue(maxsize)


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo = asyncio.Queue(maxsize)
    archive = _archives[store] = Archive(store, maxsize)

    async def fetcher():
        while True:
            item = await todo.get()
            await _archives[store].records.put(await fetch(item))
            todo.task_done()

    async def storer():
        while True:
            record = await archive.records.get()
            await archive.store(record)
            archive.records.task_done()

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(fetcher()) for _ in range(consumers)]
        tasks.append(group.create_task(storer()))
        for item in items:
            await todo.put(item)
        await todo.join()
        await archive.records.join()
        for task in tasks:
            task.cancel()
