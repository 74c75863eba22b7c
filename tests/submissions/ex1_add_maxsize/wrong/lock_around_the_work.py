# label: wrong
# exercise: ex1_add_maxsize
# misconception: work-serialised
# contract: ex1 point 4: one item at a time, whatever consumers says
# expect: A lock around the work lets only one consumer work at a time: the pipeline takes three times as long. A queue needs no lock.
import asyncio
import time

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue(maxsize=maxsize)
    lock = asyncio.Lock()

    async def consumer():
        while True:
            item = await q.get()
            async with lock:        # two consumers must not touch the same item
                await work(item)
            q.task_done()

    workers = [asyncio.create_task(consumer()) for _ in range(consumers)]
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
    await q.join()
    for w in workers:
        w.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
