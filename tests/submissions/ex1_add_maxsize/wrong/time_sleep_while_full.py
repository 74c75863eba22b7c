# label: wrong
# exercise: ex1_add_maxsize
# misconception: blocks-the-loop
# contract: ex1 point 3: time.sleep() stops the event loop
# expect: time.sleep() stops the whole event loop, so no consumer can make room and the program hangs. Await q.put() instead.
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
    for item in items:
        while q.full():
            time.sleep(0.05)
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
    await q.join()
    for t in workers:
        t.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
