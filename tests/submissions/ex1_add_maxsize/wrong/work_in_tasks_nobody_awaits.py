# label: wrong
# exercise: ex1_add_maxsize
# misconception: work-runs-beside-the-consumer
# contract: ex1 points 1, 2 and 4: the consumers start the work and take the next item at once
# expect: The consumers do not wait for the work, so all items are worked on at once and the queue holds nobody back: `await work(item)`.
import asyncio
import time

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue(maxsize=maxsize)
    jobs = []

    async def consumer():
        while True:
            item = await q.get()
            jobs.append(asyncio.create_task(work(item)))
            q.task_done()

    workers = [asyncio.create_task(consumer()) for _ in range(consumers)]
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
    await q.join()
    for w in workers:
        w.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
    await asyncio.gather(*jobs)
