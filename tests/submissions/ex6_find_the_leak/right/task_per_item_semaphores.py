# label: right
# exercise: ex6_find_the_leak
# contract: keeps every point; no queue at all: a task per item, a semaphore for what is under way, one for fetches, a lock for stores
# expect: Passed: all that can wait is bounded, and nothing is slowed.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    under_way = asyncio.Semaphore(2 * maxsize + consumers + 1)  # and one in the producer's hand
    fetching = asyncio.Semaphore(consumers)
    storing = asyncio.Lock()

    async def one(item):
        try:
            async with fetching:
                record = await fetch(item)
            async with storing:
                await store(record)
        finally:
            under_way.release()

    async with asyncio.TaskGroup() as group:
        for item in items:
            await under_way.acquire()
            group.create_task(one(item))
