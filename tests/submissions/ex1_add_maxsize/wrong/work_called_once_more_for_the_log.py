# label: wrong
# exercise: ex1_add_maxsize
# misconception: works-twice
# contract: ex1 point 2: every item is worked on exactly once
# expect: Every item is worked on twice: the call in the print does the work once more. Keep the result of the first call.
import asyncio
import time

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue(maxsize=maxsize)

    async def consumer():
        while True:
            item = await q.get()
            await work(item)
            print(f"DONE {item} {await work(item)}")
            q.task_done()

    workers = [asyncio.create_task(consumer()) for _ in range(consumers)]
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
    await q.join()
    for w in workers:
        w.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
