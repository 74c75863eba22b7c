# label: wrong
# exercise: ex1_add_maxsize
# misconception: size-read-too-early
# contract: ex1 point 5: the line is printed before the put, with the size that the queue had then
# expect: The line for an item is printed before the item is in the queue. Print after the put, when the size counts it.
import asyncio
import time


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    t0 = time.perf_counter()
    q = asyncio.Queue(maxsize=maxsize)

    async def consumer():
        while True:
            item = await q.get()
            try:
                await work(item)
            finally:
                q.task_done()

    async with asyncio.TaskGroup() as group:
        workers = [group.create_task(consumer()) for _ in range(consumers)]
        for item in items:
            print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - t0:.3f}")
            await q.put(item)
        await q.join()
        for worker in workers:
            worker.cancel()
