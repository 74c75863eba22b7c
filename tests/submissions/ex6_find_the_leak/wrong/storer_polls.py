# label: wrong
# exercise: ex6_find_the_leak
# misconception: polls-between-the-stages
# contract: ex6 point 4: the storer looks now and then into a deque
# expect: The storer polls.
import asyncio
from collections import deque


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo = asyncio.Queue(maxsize)
    room = asyncio.Semaphore(maxsize)
    records = deque()
    working = consumers

    async def fetcher():
        nonlocal working
        while (item := await todo.get()) is not None:
            record = await fetch(item)
            await room.acquire()
            records.append(record)
        working -= 1

    async def storer():
        while working or records:
            if not records:
                await asyncio.sleep(0.001)
                continue
            record = records.popleft()
            room.release()
            await store(record)

    async with asyncio.TaskGroup() as group:
        for _ in range(consumers):
            group.create_task(fetcher())
        group.create_task(storer())
        for item in items:
            await todo.put(item)
        for _ in range(consumers):
            await todo.put(None)
