# label: wrong
# exercise: ex1_add_maxsize
# misconception: ignores-consumers
# contract: ex1 point 4: three consumers whatever consumers says
# expect: There are always three consumers: start as many as the parameter says.
import asyncio
import time

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue(maxsize=maxsize)

    async def consumer(name):
        while True:
            item = await q.get()
            await work(item)
            print(f"{name} OK {item} {time.perf_counter() - T0:.3f}")
            q.task_done()

    c1 = asyncio.create_task(consumer("C1"))
    c2 = asyncio.create_task(consumer("C2"))
    c3 = asyncio.create_task(consumer("C3"))
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
    await q.join()
    for task in (c1, c2, c3):
        task.cancel()
    await asyncio.gather(c1, c2, c3, return_exceptions=True)
