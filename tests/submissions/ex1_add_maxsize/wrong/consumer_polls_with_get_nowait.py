# label: wrong
# exercise: ex1_add_maxsize
# misconception: polls-for-items
# contract: ex1 point 4: the consumers look for work only every 20 ms
# expect: The consumers look into the queue every 20 ms instead of awaiting q.get(): work starts late and the whole takes longer.
import asyncio
import time

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue(maxsize=maxsize)

    async def consumer():
        while True:
            try:
                item = q.get_nowait()
            except asyncio.QueueEmpty:
                await asyncio.sleep(0.02)
                continue
            await work(item)
            q.task_done()

    workers = [asyncio.create_task(consumer()) for _ in range(consumers)]
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
    await q.join()
    for t in workers:
        t.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
