# label: wrong
# exercise: ex1_add_maxsize
# misconception: size-read-too-early
# contract: ex1 point 5: the line is printed before the item is in the queue
# expect: The line is printed before the put and guesses the size: with a full queue it says 4 of 3. Print after the put, with q.qsize().
import asyncio
import time

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue(maxsize=maxsize)

    async def producer():
        for item in items:
            print(f"PROD {item} SZ {q.qsize() + 1} {time.perf_counter() - T0:.3f}")
            await q.put(item)

    async def consumer():
        while True:
            item = await q.get()
            await work(item)
            q.task_done()

    workers = [asyncio.create_task(consumer()) for _ in range(consumers)]
    await producer()
    await q.join()
    for w in workers:
        w.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
