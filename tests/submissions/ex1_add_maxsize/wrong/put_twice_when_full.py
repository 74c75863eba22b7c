# label: wrong
# exercise: ex1_add_maxsize
# misconception: items-put-twice
# contract: ex1 point 2: an item that had to wait is put twice
# expect: An item that finds the queue full is worked on twice: it is put in the if and again after it.
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
        if q.full():
            await q.put(item)       # waits for room
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
    await q.join()
    for w in workers:
        w.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
