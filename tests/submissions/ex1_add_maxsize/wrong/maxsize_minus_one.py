# label: wrong
# exercise: ex1_add_maxsize
# misconception: bound-too-small
# contract: ex1 point 1: the bound is maxsize - 1, and none at all for maxsize=1
# expect: The queue holds one item too few, and with maxsize=1 it is Queue(0), which has no bound at all.
import asyncio
import time

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    # the producer holds one item in its hand, so one place less
    q = asyncio.Queue(maxsize=maxsize - 1)

    async def consumer():
        while True:
            item = await q.get()
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
