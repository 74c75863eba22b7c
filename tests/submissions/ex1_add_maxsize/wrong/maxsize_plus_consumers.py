# label: wrong
# exercise: ex1_add_maxsize
# misconception: bound-too-large
# contract: ex1 point 1: the bound is maxsize + consumers
# expect: The queue holds maxsize + consumers items: the consumers' items are not in the queue, so they need no place there.
import asyncio
import time

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    capacity = maxsize + consumers          # what waits plus what is being worked on
    q = asyncio.Queue(capacity)

    async def worker():
        while True:
            item = await q.get()
            await work(item)
            q.task_done()

    tasks = [asyncio.create_task(worker()) for _ in range(consumers)]
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
    await q.join()
    for t in tasks:
        t.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
