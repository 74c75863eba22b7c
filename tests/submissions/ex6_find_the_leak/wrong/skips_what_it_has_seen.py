# label: wrong
# exercise: ex6_find_the_leak
# misconception: equal-items-merged
# contract: ex6 point 2: an item that is equal to an earlier one is left out
# expect: Two equal items are taken for one.
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
        tasks.append(group.create_task(storer()))
        seen = []
        for item in items:
            if isinstance(item, str) and item in seen:
                continue
            seen.append(item)
            await todo.put(item)
        await todo.join()
        await records.join()
        for task in tasks:
            task.cancel()
