# label: wrong
# exercise: ex1_add_maxsize
# misconception: ignores-maxsize
# contract: ex1 point 1: the bound is 1 whatever maxsize says
# expect: With maxsize=3 only one item waits while all consumers are busy: give the queue the parameter maxsize.
import asyncio
import time

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue(1)

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
    for t in workers:
        t.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
