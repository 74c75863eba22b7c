# label: wrong
# exercise: ex1_add_maxsize
# misconception: log-lines-missing
# contract: ex1 point 5: a put that leaves the size unchanged prints nothing
# expect: Some puts are not logged: a line is printed only when the size differs from the last one. Every put gets its line.
import asyncio
import time


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    start = time.perf_counter()
    q = asyncio.Queue(maxsize)
    shown = None

    async def consumer():
        while True:
            item = await q.get()
            await work(item)
            q.task_done()

    workers = [asyncio.create_task(consumer()) for _ in range(consumers)]
    for item in items:
        await q.put(item)
        if q.qsize() != shown:
            shown = q.qsize()
            print(f"PROD {item} SZ {shown} {time.perf_counter() - start:.3f}")
    await q.join()
    for w in workers:
        w.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
