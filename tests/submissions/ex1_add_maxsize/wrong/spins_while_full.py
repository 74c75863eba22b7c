# label: wrong
# exercise: ex1_add_maxsize
# misconception: polls-for-room
# contract: ex1 point 3: the producer spins with sleep(0) while the queue is full
# expect: While the queue is full the producer asks again and again, thousands of times a second, and keeps a processor busy with it. Await q.put().
import asyncio
import time


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    start = time.perf_counter()
    q = asyncio.Queue(maxsize)

    async def worker():
        while True:
            item = await q.get()
            await work(item)
            q.task_done()

    workers = [asyncio.create_task(worker()) for _ in range(consumers)]
    for item in items:
        while True:
            try:
                q.put_nowait(item)
                break
            except asyncio.QueueFull:
                await asyncio.sleep(0)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - start:.3f}")
    await q.join()
    for w in workers:
        w.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
