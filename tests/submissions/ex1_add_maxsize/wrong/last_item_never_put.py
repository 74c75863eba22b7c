# label: wrong
# exercise: ex1_add_maxsize
# misconception: drops-items
# contract: ex1 point 2: the last item is never put
# expect: The last item is never put into the queue: the loop ends as soon as the item after it is missing.
import asyncio
import time


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    start = time.perf_counter()
    q = asyncio.Queue(maxsize)
    no_item = object()

    async def consumer():
        while True:
            item = await q.get()
            await work(item)
            q.task_done()

    async def producer():
        source = iter(items)
        current = next(source, no_item)
        while (following := next(source, no_item)) is not no_item:
            await q.put(current)
            print(f"PROD {current} SZ {q.qsize()} {time.perf_counter() - start:.3f}")
            current = following

    workers = [asyncio.create_task(consumer()) for _ in range(consumers)]
    await producer()
    await q.join()
    for w in workers:
        w.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
