# label: right
# exercise: ex1_add_maxsize
# contract: keeps every point; items are never None, so None may mark the end
# expect: Passed.
import asyncio
import time

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue(maxsize=maxsize)

    async def consumer():
        while (item := await q.get()) is not None:
            await work(item)

    workers = [asyncio.create_task(consumer()) for _ in range(consumers)]
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
    for _ in workers:
        await q.put(None)
    await asyncio.gather(*workers)
