# label: wrong
# exercise: ex6_find_the_leak
# misconception: task-done-too-early
# contract: ex6 point 2: the item is marked as done before its record is in the second queue, and the joins end too early when that is full
# expect: The last records are never stored.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo = asyncio.Queue(maxsize)
    records = asyncio.Queue(maxsize)

    async def fetcher():
        while True:
            item = await todo.get()
            record = await fetch(item)
            todo.task_done()
            await records.put(record)

    async def storer():
        while True:
            record = await records.get()
            records.task_done()
            await store(record)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(fetcher()) for _ in range(consumers)]
        tasks.append(group.create_task(storer()))
        for item in items:
            await todo.put(item)
        await todo.join()
        await records.join()
        for task in tasks:
            task.cancel()
