# label: right
# exercise: ex1_add_maxsize
# contract: keeps every point; the classic bounded buffer, without asyncio.Queue
# expect: Passed: the queue is bounded, nothing is lost, and the log shows its true size.
import asyncio
import time
from collections import deque


class BoundedBuffer:
    def __init__(self, size):
        self._items = deque()
        self._room = asyncio.Semaphore(size)
        self._filled = asyncio.Semaphore(0)

    def __len__(self):
        return len(self._items)

    async def put(self, item):
        await self._room.acquire()
        self._items.append(item)
        self._filled.release()

    async def get(self):
        await self._filled.acquire()
        self._room.release()
        return self._items.popleft()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    t0 = time.perf_counter()
    buffer = BoundedBuffer(maxsize)
    nothing_more = object()

    async def worker():
        while True:
            item = await buffer.get()
            if item is nothing_more:
                break
            await work(item)

    workers = [asyncio.create_task(worker()) for _ in range(consumers)]
    for item in items:
        await buffer.put(item)
        print(f"PROD {item} SZ {len(buffer)} {time.perf_counter() - t0:.3f}")
    for _ in workers:
        await buffer.put(nothing_more)
    await asyncio.gather(*workers)
