# label: wrong
# exercise: ex1_add_maxsize
# misconception: default-changed
# contract: the signature: maxsize=3 is its default, here it is 100
# expect: Called without maxsize, up to 100 items wait. The defaults belong to the signature, which is fixed: maxsize=3.
import asyncio
import time

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=100) -> None:
    q = asyncio.Queue(maxsize)

    async def consumer():
        while True:
            item = await q.get()
            await work(item)
            q.task_done()

    crew = [asyncio.create_task(consumer()) for _ in range(consumers)]
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
    await q.join()
    for member in crew:
        member.cancel()
    await asyncio.gather(*crew, return_exceptions=True)
