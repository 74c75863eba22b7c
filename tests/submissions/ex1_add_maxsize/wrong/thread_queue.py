# label: wrong
# exercise: ex1_add_maxsize
# misconception: blocks-the-loop
# contract: ex1 points 2 and 3: put() of queue.Queue stops the whole event loop
# expect: queue.Queue is made for threads: its put() stops the event loop when the queue is full, and no consumer can make room. Use asyncio.Queue.
import asyncio
import queue
import time

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = queue.Queue(maxsize=maxsize)

    async def consumer():
        while True:
            while q.empty():
                await asyncio.sleep(0.001)
            item = q.get()
            await work(item)
            q.task_done()

    workers = [asyncio.create_task(consumer()) for _ in range(consumers)]
    for item in items:
        q.put(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
    q.join()
    for w in workers:
        w.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
