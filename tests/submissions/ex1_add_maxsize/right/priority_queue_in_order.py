# label: right
# exercise: ex1_add_maxsize
# contract: keeps every point; a PriorityQueue whose priority is the running number
# expect: Passed: the queue is bounded, nothing is lost, and the log shows its true size.
import asyncio
import itertools
import time

started = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    """Every entry carries a number, so the queue is still first in, first out."""
    q = asyncio.PriorityQueue(maxsize)
    numbers = itertools.count()

    async def consumer():
        while True:
            _, item = await q.get()
            try:
                await work(item)
            finally:
                q.task_done()

    crew = [asyncio.create_task(consumer()) for _ in range(consumers)]
    for item in items:
        await q.put((next(numbers), item))
        print("PROD", item, "SZ", q.qsize(), f"{time.perf_counter() - started:.3f}")
    await q.join()
    for c in crew:
        c.cancel()
    await asyncio.wait(crew)
