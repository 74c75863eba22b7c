# label: wrong
# exercise: ex6_find_the_leak
# misconception: fetches-too-many-at-once
# contract: ex6 point 3: a task for each item under way, however small consumers is
# expect: More items are fetched at once than consumers says.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    under_way = asyncio.Semaphore(2 * maxsize + consumers)
    storing = asyncio.Lock()

    async def one(item):
        record = await fetch(item)
        async with storing:
            await store(record)
        under_way.release()

    async with asyncio.TaskGroup() as group:
        for item in items:
            await under_way.acquire()
            group.create_task(one(item))
