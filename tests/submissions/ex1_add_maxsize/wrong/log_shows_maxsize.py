# label: wrong
# exercise: ex1_add_maxsize
# misconception: size-not-from-the-queue
# contract: ex1 point 5: the line always shows maxsize
# expect: The line shows the bound instead of the size: it says 3 when only one item is in the queue. q.qsize() is the size.
import asyncio
import time

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue(maxsize=maxsize)

    async def consumer():
        while True:
            item = await q.get()
            try:
                await work(item)
            finally:
                q.task_done()

    async with asyncio.TaskGroup() as tg:
        workers = [tg.create_task(consumer()) for _ in range(consumers)]
        for item in items:
            await q.put(item)
            print(f"PROD {item} SZ {q.maxsize} {time.perf_counter() - T0:.3f}")
        await q.join()
        for w in workers:
            w.cancel()
