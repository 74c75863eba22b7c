# label: wrong
# exercise: ex1_add_maxsize
# misconception: drops-items
# contract: ex1 points 2 and 3: items are dropped when the queue is full
# expect: Items are thrown away when the queue is full. Backpressure means that the producer waits.
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
            q.put_nowait(item)
        except asyncio.QueueFull:
            print(f"DROP {item} queue is full")
            continue
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
        await asyncio.sleep(0)
    await q.join()
    for t in workers:
        t.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
