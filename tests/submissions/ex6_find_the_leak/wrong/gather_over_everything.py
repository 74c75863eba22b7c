# label: wrong
# exercise: ex6_find_the_leak
# misconception: task-for-each-item
# contract: ex6 point 1: a task for each item; a semaphore inside of it limits the fetches
# expect: Every item gets a task at once.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    slots = asyncio.Semaphore(consumers)
    lock = asyncio.Lock()

    async def one(item):
        async with slots:
            record = await fetch(item)
        async with lock:
            await store(record)

    await asyncio.gather(*(one(item) for item in items))
