# label: wrong
# exercise: ex6_find_the_leak
# misconception: fetches-too-few-at-once
# contract: ex6 point 3: a place for the record is taken before it is fetched, so a small maxsize also limits the fetches
# expect: Fewer fetches run than consumers says, where maxsize is smaller.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo = asyncio.Queue(maxsize)
    records = asyncio.Queue()
    room = asyncio.Semaphore(maxsize)

    async def fetcher():
        while True:
            item = await todo.get()
            await room.acquire()
            records.put_nowait(await fetch(item))
            todo.task_done()

    async def storer():
        while True:
            record = await records.get()
            room.release()
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
