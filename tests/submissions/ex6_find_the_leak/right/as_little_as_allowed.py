# label: right
# exercise: ex6_find_the_leak
# contract: keeps every point; the least that point 3 allows: max(maxsize, consumers) places, taken before the item, given back when its store begins
# expect: Passed: all that can wait is bounded, and nothing is slowed.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    source = iter(items)
    places = asyncio.Semaphore(max(maxsize, consumers))
    storing = asyncio.Lock()

    async def save(record):
        async with storing:
            places.release()
            await store(record)

    async def consumer(group):
        while True:
            await places.acquire()
            for item in source:
                record = await fetch(item)
                break
            else:
                places.release()
                return
            group.create_task(save(record))

    async with asyncio.TaskGroup() as group:
        for _ in range(consumers):
            group.create_task(consumer(group))
