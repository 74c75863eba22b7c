# label: wrong
# exercise: ex6_find_the_leak
# misconception: stores-overlap
# contract: ex6 point 2: a second task stores, but only where maxsize is above 8
# expect: Two records are stored at the same time.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo = asyncio.Queue(maxsize)
    records = asyncio.Queue(maxsize)

    async def fetcher():
        while True:
            item = await todo.get()
            record = await fetch(item)
            await records.put(record)
            todo.task_done()

    async def storer():
        while True:
            record = await records.get()
            await store(record)
            records.task_done()

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(fetcher()) for _ in range(consumers)]
        tasks += [group.create_task(storer()) for _ in range(1 + (maxsize > 8))]
        for item in items:
            await todo.put(item)
        await todo.join()
        await records.join()
        for task in tasks:
            task.cancel()
