# label: wrong
# exercise: ex1_add_maxsize
# misconception: bound-too-large
# contract: ex1 point 1: the own queue takes maxsize + 1 items
# expect: The queue takes one item more than maxsize: `<=` lets the producer in when it is full already.
import asyncio
import time
from collections import deque

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    buffer = deque()
    changed = asyncio.Condition()
    end = object()

    async def put(item):
        async with changed:
            await changed.wait_for(lambda: len(buffer) <= maxsize)
            buffer.append(item)
            changed.notify_all()

    async def get():
        async with changed:
            await changed.wait_for(lambda: len(buffer) > 0)
            changed.notify_all()
            return buffer.popleft()

    async def consumer():
        while (item := await get()) is not end:
            await work(item)

    workers = [asyncio.create_task(consumer()) for _ in range(consumers)]
    for item in items:
        await put(item)
        print(f"PROD {item} SZ {len(buffer)} {time.perf_counter() - T0:.3f}")
    for _ in workers:
        await put(end)
    await asyncio.gather(*workers)
