# label: wrong
# exercise: ex6_find_the_leak
# misconception: more-under-way-than-allowed
# contract: ex6 point 1: a bound below ten is taken for ten, so only small ones show it
# expect: More items are under way than allowed.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo = asyncio.Queue(maxsize)
    records = asyncio.Queue(max(maxsize, 10))

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
        await todo.join()
        await records.join()
        for task in tasks:
            task.cancel()
