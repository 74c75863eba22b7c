# label: right
# exercise: ex1_add_maxsize
# contract: keeps every point; the idle consumers are cancelled and not awaited
# expect: Passed: the queue is bounded, nothing is lost, and the log shows its true size.
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

    async def producer():
        for item in items:
            await q.put(item)
            print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")

    tasks = [asyncio.create_task(consumer(f"C{i + 1}")) for i in range(consumers)]
    await asyncio.gather(producer())
    await q.join()
    for t in tasks:
        t.cancel()
