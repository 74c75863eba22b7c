# label: wrong
# exercise: ex6_find_the_leak
# misconception: storer-takes-ahead
# contract: ex6 point 1: whoever stores empties the queue into a list first
# expect: The task that stores takes records before it can store them.
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
            batch = [await records.get()]
            while not records.empty():
                batch.append(records.get_nowait())
            for record in batch:
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
