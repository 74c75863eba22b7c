# label: wrong
# exercise: ex1_add_maxsize
# misconception: drops-items
# contract: ex1 point 2: looking whether there is an item takes it away
# expect: The first item of a generator is lost: next() was only meant to look whether there is one, but it takes it.
import asyncio
import time

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    if next(iter(items), None) is None:
        return                      # nothing to do
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
    await asyncio.gather(*workers, return_exceptions=True)
