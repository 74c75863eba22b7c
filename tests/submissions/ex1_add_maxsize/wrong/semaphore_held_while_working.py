# label: wrong
# exercise: ex1_add_maxsize
# misconception: bound-counts-work-in-progress
# contract: ex1 points 1 and 4: maxsize bounds waiting and working items together
# expect: The place is given back only after the work, so maxsize also limits how many items are worked on: with maxsize=1 the consumers take turns.
import asyncio
import time

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue()
    places = asyncio.Semaphore(maxsize)

    async def consumer():
        while True:
            item = await q.get()
            try:
                await work(item)
            finally:
                places.release()
                q.task_done()

    workers = [asyncio.create_task(consumer()) for _ in range(consumers)]
    for item in items:
        await places.acquire()
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
    await q.join()
    for w in workers:
        w.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
