# label: wrong
# exercise: ex1_add_maxsize
# misconception: one-sentinel-for-all
# contract: ex1 point 2: only one of the consumers is told to stop
# expect: One sentinel stops one consumer; the others wait for ever and run_pipeline never returns.
import asyncio
import time

T0 = time.perf_counter()
DONE = object()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue(maxsize=maxsize)

    async def producer():
        for item in items:
            await q.put(item)
            print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
        await q.put(DONE)

    async def consumer():
        while True:
            item = await q.get()
            if item is DONE:
                return
            await work(item)

    await asyncio.gather(producer(), *(consumer() for _ in range(consumers)))
