# label: wrong
# exercise: ex1_add_maxsize
# misconception: stops-on-timeout
# contract: ex1 point 2: the end comes a second late, and consumers that wait longer are gone
# expect: The consumers end when nothing has come for a second: run_pipeline returns a second too late. Tell them when it is over.
import asyncio
import time


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    start = time.perf_counter()
    q = asyncio.Queue(maxsize)

    async def producer():
        for item in items:
            await q.put(item)
            print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - start:.3f}")

    async def consumer():
        while True:
            try:
                item = await asyncio.wait_for(q.get(), timeout=1.0)
            except asyncio.TimeoutError:
                break               # nothing more to come
            await work(item)

    await asyncio.gather(producer(), *(consumer() for _ in range(consumers)))
