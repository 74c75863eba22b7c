# label: wrong
# exercise: ex1_add_maxsize
# misconception: producer-sleeps
# contract: ex1 point 4: the producer slows the pipeline down
# expect: The producer sleeps after every put, so the consumers wait for items. The full queue alone should hold the producer back.
import asyncio
import time

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue(maxsize=maxsize)

    async def producer():
        for item in items:
            await q.put(item)
            print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
            await asyncio.sleep(0.02)

    async def consumer():
        while True:
            item = await q.get()
            await work(item)
            q.task_done()

    workers = [asyncio.create_task(consumer()) for _ in range(consumers)]
    await producer()
    await q.join()
    for t in workers:
        t.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
