# label: wrong
# exercise: ex1_add_maxsize
# misconception: drops-items
# contract: ex1 points 2 and 3: an item that finds no room in time is dropped
# expect: An item that finds no room within 50 ms is thrown away. The producer has to wait for as long as it takes.
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
        try:
            await asyncio.wait_for(q.put(item), timeout=0.05)
        except TimeoutError:
            print(f"LOST {item} {time.perf_counter() - T0:.3f}")
        else:
            print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
    await q.join()
    for w in workers:
        w.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
