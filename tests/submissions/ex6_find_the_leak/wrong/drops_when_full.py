# label: wrong
# exercise: ex6_find_the_leak
# misconception: drops-items
# contract: ex6 point 4: an item that finds the first queue full is thrown away
# expect: Items are thrown away.
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
        for item in items:
            if todo.full():
                await asyncio.sleep(0)
            if not todo.full():
                await todo.put(item)
        await todo.join()
        await records.join()
        for task in tasks:
            task.cancel()
