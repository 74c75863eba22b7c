# label: wrong
# exercise: ex1_add_maxsize
# misconception: consumer-prefetches
# contract: ex1 point 1: each consumer takes a second item out of the queue while it works
# expect: Each consumer takes the next item before it has finished the last one: up to maxsize + consumers + 1 items wait.
import asyncio
import time

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue(maxsize=maxsize)

    async def consumer():
        coming = asyncio.create_task(q.get())
        try:
            while True:
                item = await coming
                coming = asyncio.create_task(q.get())       # fetch the next one meanwhile
                await work(item)
                q.task_done()
        finally:
            coming.cancel()

    workers = [asyncio.create_task(consumer()) for _ in range(consumers)]
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
    await q.join()
    for w in workers:
        w.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
