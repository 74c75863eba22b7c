# label: wrong
# exercise: ex6_find_the_leak
# misconception: blocks-the-loop
# contract: ex6 point 4: time.sleep() while the archive's queue is full
# expect: The event loop is stopped.
import asyncio
import time


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo = asyncio.Queue(maxsize)
    records = asyncio.Queue(maxsize)

    async def fetcher():
        while True:
            item = await todo.get()
            record = await fetch(item)
            if records.full():
                time.sleep(0.05)  # slow down
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
