# label: wrong
# exercise: ex6_find_the_leak
# misconception: limit-of-time-added
# contract: ex6 point 4: fetch() is cut off after an hour, and the item is left
# expect: A limit of time ends a fetch.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo = asyncio.Queue(maxsize)
    records = asyncio.Queue(maxsize)

    async def fetcher():
        while True:
            item = await todo.get()
            try:
                async with asyncio.timeout(3600):
                    record = await fetch(item)
                await records.put(record)
            except TimeoutError:
                print("too slow:", item)
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
