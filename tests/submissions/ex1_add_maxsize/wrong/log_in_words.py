# label: wrong
# exercise: ex1_add_maxsize
# misconception: log-format
# contract: ex1 point 5: the line has another format
# expect: The lines do not begin with `PROD <item> SZ <size>`: the fields are named and separated in another way.
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
        print(f"[{time.perf_counter() - T0:.3f}] PROD item={item} SZ={q.qsize()}")
    await q.join()
    for w in workers:
        w.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
