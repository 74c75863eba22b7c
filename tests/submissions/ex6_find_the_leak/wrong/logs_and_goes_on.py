# label: wrong
# exercise: ex6_find_the_leak
# misconception: error-kept-inside
# contract: ex6 point 5: an error is printed, and the item left
# expect: An error is swallowed.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo = asyncio.Queue(maxsize)
    records = asyncio.Queue(maxsize)

    async def fetcher():
        while True:
            item = await todo.get()
            try:
                record = await fetch(item)
            except Exception as error:
                print("fetch failed:", error)
            else:
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
        for item in items:
            await todo.put(item)
        await todo.join()
        await records.join()
        for task in tasks:
            task.cancel()
