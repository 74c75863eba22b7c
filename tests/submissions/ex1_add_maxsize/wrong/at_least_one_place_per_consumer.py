# label: wrong
# exercise: ex1_add_maxsize
# misconception: bound-too-large
# contract: ex1 point 1: the bound is never less than consumers
# expect: With maxsize=1 three items wait: the bound is raised to the number of consumers. maxsize alone is the bound.
import asyncio
import time


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    start = time.perf_counter()
    q = asyncio.Queue(max(maxsize, consumers))      # or some would get nothing

    async def consume():
        while True:
            item = await q.get()
            try:
                await work(item)
            finally:
                q.task_done()

    crew = [asyncio.create_task(consume()) for _ in range(consumers)]
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - start:.3f}")
    await q.join()
    for c in crew:
        c.cancel()
    await asyncio.gather(*crew, return_exceptions=True)
