# label: wrong
# exercise: ex1_add_maxsize
# misconception: put-nowait-on-full-queue
# contract: ex1 points 2 and 3: a full queue raises QueueFull instead of making the producer wait
# expect: QueueFull leaves run_pipeline at the first item that finds no room: put_nowait() never waits, `await q.put(item)` does.
import asyncio
import time

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue(maxsize=maxsize)

    async def consumer():
        while True:
            item = await q.get()
            await work(item)
            q.task_done()

    workers = [asyncio.create_task(consumer()) for _ in range(consumers)]
    try:
        for item in items:
            q.put_nowait(item)
            print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
        await q.join()
    finally:
        for w in workers:
            w.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
