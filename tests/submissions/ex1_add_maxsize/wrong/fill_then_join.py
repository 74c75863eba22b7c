# label: wrong
# exercise: ex1_add_maxsize
# misconception: batches-with-a-barrier
# contract: ex1 points 1 and 4: the producer waits until the queue is worked off before it goes on
# expect: The producer fills the queue, then waits with q.join() until all of it is finished: consumers stand still in between. Awaiting q.put() is all the waiting it needs.
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
            await q.join()          # let them catch up
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
    await q.join()
    for w in workers:
        w.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
