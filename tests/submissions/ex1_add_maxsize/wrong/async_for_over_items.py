# label: wrong
# exercise: ex1_add_maxsize
# misconception: needs-async-iterable
# contract: ex1 point 2: items have to be an async iterable
# expect: TypeError: `async for` needs an async iterable, but items are an ordinary one. Use `for item in items`.
import asyncio
import time

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue(maxsize=maxsize)

    async def producer():
        async for item in items:
            await q.put(item)
            print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")

    async def consumer():
        while True:
            item = await q.get()
            await work(item)
            q.task_done()

    workers = [asyncio.create_task(consumer()) for _ in range(consumers)]
    try:
        await producer()
        await q.join()
    finally:
        for w in workers:
            w.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
