# label: wrong
# exercise: ex1_add_maxsize
# misconception: polls-for-room
# contract: ex1 point 3: the producer gives up and starts to wait again every 20 ms
# expect: The producer interrupts its wait every 20 ms only to start it again: a plain `await q.put(item)` waits for as long as needed.
import asyncio
import time

T0 = time.perf_counter()


async def put_patiently(q, item):
    while True:
        try:
            async with asyncio.timeout(0.02):
                await q.put(item)
            return
        except TimeoutError:
            continue


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue(maxsize=maxsize)

    async def consumer():
        while True:
            item = await q.get()
            await work(item)
            q.task_done()

    workers = [asyncio.create_task(consumer()) for _ in range(consumers)]
    for item in items:
        await put_patiently(q, item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
    await q.join()
    for w in workers:
        w.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
