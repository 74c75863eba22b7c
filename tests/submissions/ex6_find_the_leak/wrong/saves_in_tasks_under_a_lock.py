# label: wrong
# exercise: ex6_find_the_leak
# misconception: records-wait-in-tasks
# contract: ex6 point 1: each record is saved in a task of its own, under a lock
# expect: Records wait in tasks of their own.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo = asyncio.Queue(maxsize)
    lock = asyncio.Lock()

    async def save(record):
        async with lock:
            await store(record)

    async with asyncio.TaskGroup() as saving:

        async def fetcher():
            while (item := await todo.get()) is not None:
                saving.create_task(save(await fetch(item)))

        async with asyncio.TaskGroup() as fetching:
            for _ in range(consumers):
                fetching.create_task(fetcher())
            for item in items:
                await todo.put(item)
            for _ in range(consumers):
                await todo.put(None)
