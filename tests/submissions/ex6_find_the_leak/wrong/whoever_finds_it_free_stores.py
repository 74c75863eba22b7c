# label: wrong
# exercise: ex6_find_the_leak
# misconception: store-holds-up-fetching
# contract: ex6 point 3: a consumer that finds nobody storing stores what waits, and does not fetch meanwhile
# expect: A consumer that stores does not fetch.
import asyncio
from collections import deque


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    source = iter(items)
    room = asyncio.Semaphore(maxsize)
    records = deque()
    storing = False

    async def consumer():
        nonlocal storing
        for item in source:
            record = await fetch(item)
            await room.acquire()
            records.append(record)
            if not storing:
                storing = True
                while records:
                    record = records.popleft()
                    room.release()
                    await store(record)
                storing = False

    async with asyncio.TaskGroup() as group:
        for _ in range(consumers):
            group.create_task(consumer())
