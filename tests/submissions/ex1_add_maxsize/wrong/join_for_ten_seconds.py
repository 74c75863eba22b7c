# label: wrong
# exercise: ex1_add_maxsize
# misconception: join-bounded
# contract: ex1 point 2: work that takes longer than ten seconds is cut off
# expect: The wait for the last items is cut off after 10 s: slow work is cancelled although nothing went wrong. Await q.join() alone.
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
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
    try:
        await asyncio.wait_for(q.join(), 10)
    except asyncio.TimeoutError:
        print("gave up waiting")
    for w in workers:
        w.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
