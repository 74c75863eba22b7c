# label: wrong
# exercise: ex1_add_maxsize
# misconception: needs-list
# contract: ex1: items is any iterable, possibly a lazy generator
# expect: TypeError for a generator: it has no index. A for loop takes any iterable.
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
    position = 0
    while True:
        try:
            item = items[position]
        except IndexError:
            break
        position += 1
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
    await q.join()
    for w in workers:
        w.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
