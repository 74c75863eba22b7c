# label: wrong
# exercise: ex1_add_maxsize
# misconception: cancelled-error-escapes
# contract: ex1 point 2: run_pipeline ends with the CancelledError of its consumers instead of returning
# expect: All items are worked on, but run_pipeline ends with a CancelledError: gather() passes on that of the cancelled consumers. Use return_exceptions=True, or a TaskGroup.
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
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
    await q.join()
    for w in workers:
        w.cancel()
    await asyncio.gather(*workers)
