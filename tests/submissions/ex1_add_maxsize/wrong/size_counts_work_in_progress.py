# label: wrong
# exercise: ex1_add_maxsize
# misconception: size-not-from-the-queue
# contract: ex1 point 5: the size counts items that are being worked on
# expect: The size comes from an own counter that still includes the items being worked on; q.qsize() knows what is in the queue.
import asyncio
import time

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue(maxsize=maxsize)
    pending = 0

    async def consumer():
        nonlocal pending
        while True:
            item = await q.get()
            await work(item)
            pending -= 1
            q.task_done()

    workers = [asyncio.create_task(consumer()) for _ in range(consumers)]
    for item in items:
        await q.put(item)
        pending += 1
        print(f"PROD {item} SZ {pending} {time.perf_counter() - T0:.3f}")
    await q.join()
    for t in workers:
        t.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
