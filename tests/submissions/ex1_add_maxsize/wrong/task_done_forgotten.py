# label: wrong
# exercise: ex1_add_maxsize
# misconception: task-done-missing
# contract: ex1 point 2: task_done() is never called, so join() never returns
# expect: run_pipeline never returns: q.join() waits for a task_done() per item, and the consumers never call it.
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

    workers = [asyncio.create_task(consumer(f"C{n}")) for n in range(1, consumers + 1)]
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
    await q.join()
    for w in workers:
        w.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
