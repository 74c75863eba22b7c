# label: wrong
# exercise: ex6_find_the_leak
# misconception: unhashable-item
# contract: ex6 point 2: records are kept in a dict by their items, and not every item can be a key
# expect: Not every item has a hash.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo = asyncio.Queue(maxsize)
    ready = asyncio.Queue(maxsize)
    records = {}

    async def fetcher():
        while True:
            item = await todo.get()
            records[item] = await fetch(item)
            await ready.put(item)
            todo.task_done()

    async def storer():
        while True:
            item = await ready.get()
            await store(records.pop(item))
            ready.task_done()

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(fetcher()) for _ in range(consumers)]
        tasks.append(group.create_task(storer()))
        for item in items:
            await todo.put(item)
        await todo.join()
        await ready.join()
        for task in tasks:
            task.cancel()
