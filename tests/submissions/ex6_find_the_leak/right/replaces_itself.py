# label: right
# exercise: ex6_find_the_leak
# contract: keeps every point; whoever finds nobody storing stores what waits, and a new consumer takes its place
# expect: Passed: all that can wait is bounded, and nothing is slowed.
import asyncio
from collections import deque


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    """Whoever fetched and finds nobody storing becomes the storer, and a new consumer takes its place."""
    source = iter(items)
    room = asyncio.Semaphore(maxsize)
    records = deque()
    storing = False

    async def consumer(group):
        nonlocal storing
        for item in source:
            record = await fetch(item)
            await room.acquire()
            records.append(record)
            if not storing:
                storing = True
                group.create_task(consumer(group))
                while records:
                    record = records.popleft()
                    room.release()
                    await store(record)
                storing = False
                return

    async with asyncio.TaskGroup() as group:
        for _ in range(consumers):
            group.create_task(consumer(group))
