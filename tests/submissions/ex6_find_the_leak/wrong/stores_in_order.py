# label: wrong
# exercise: ex6_find_the_leak
# misconception: stores-in-order
# contract: ex6 point 3: the tasks are awaited in the order of their items
# expect: One slow fetch holds up all records behind it.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    slots = asyncio.Semaphore(consumers)
    tasks = asyncio.Queue(maxsize + consumers)

    async def fetch_one(item):
        try:
            return await fetch(item)
        finally:
            slots.release()

    async def storer():
        while True:
            await store(await (await tasks.get()))
            tasks.task_done()

    async with asyncio.TaskGroup() as group:
        archive = group.create_task(storer())
        for item in items:
            await slots.acquire()
            await tasks.put(group.create_task(fetch_one(item)))
        await tasks.join()
        archive.cancel()
