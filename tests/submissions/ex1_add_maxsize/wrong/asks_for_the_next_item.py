# label: wrong
# exercise: ex1_add_maxsize
# misconception: needs-iterator
# contract: ex1: items is any iterable, a list too
# expect: TypeError for a list: next() wants an iterator. A for loop takes any iterable, or iter(items) makes an iterator.
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
    while True:
        item = next(items, None)
        if item is None:
            break
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
    await q.join()
    for w in workers:
        w.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
