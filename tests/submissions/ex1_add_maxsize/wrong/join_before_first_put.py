# label: wrong
# exercise: ex1_add_maxsize
# misconception: join-before-put
# contract: ex1 point 2: waits before anything is in the queue
# expect: q.join() is awaited before the producer has put anything: it returns at once and the consumers are cancelled.
import asyncio
import time

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue(maxsize=maxsize)

    async def producer():
        for item in items:
            await q.put(item)
            print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")

    async def consumer():
        while True:
            item = await q.get()
            await work(item)
            q.task_done()

    feeding = asyncio.create_task(producer())
    workers = [asyncio.create_task(consumer()) for _ in range(consumers)]
    await q.join()
    await feeding
    for t in workers:
        t.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
