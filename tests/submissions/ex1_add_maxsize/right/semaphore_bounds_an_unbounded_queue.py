# label: right
# exercise: ex1_add_maxsize
# contract: keeps every point; a semaphore of maxsize places is the bound
# expect: Passed.
import asyncio
import time

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue()
    room = asyncio.Semaphore(maxsize)

    async def consumer():
        while True:
            item = await q.get()
            room.release()
            await work(item)
            q.task_done()

    workers = [asyncio.create_task(consumer()) for _ in range(consumers)]
    for item in items:
        await room.acquire()
        q.put_nowait(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
    await q.join()
    for t in workers:
        t.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
