# label: wrong
# exercise: ex6_find_the_leak
# misconception: polls-instead-of-join
# contract: ex6 point 4: run_pipeline looks now and then whether all is stored
# expect: run_pipeline polls.
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
            await todo.put(item)
        while todo._unfinished_tasks or records._unfinished_tasks:
            await asyncio.sleep(0.05)
        for task in tasks:
            task.cancel()
