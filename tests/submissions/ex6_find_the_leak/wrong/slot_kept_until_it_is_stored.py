# label: wrong
# exercise: ex6_find_the_leak
# misconception: store-holds-up-fetching
# contract: ex6 point 3: a semaphore of `consumers` is held around fetch and store
# expect: Nobody fetches while a record is stored.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    slots, lock = asyncio.Semaphore(consumers), asyncio.Lock()

    async def one(item):
        try:
            record = await fetch(item)
            async with lock:
                await store(record)
        finally:
            slots.release()

    async with asyncio.TaskGroup() as group:
        for item in items:
            await slots.acquire()
            group.create_task(one(item))
