# label: right
# exercise: ex1_add_maxsize
# contract: keeps every point; each consumer waits for an item or for the end, whichever comes first
# expect: Passed: the queue is bounded, nothing is lost, and the log shows its true size.
import asyncio
import time


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue(maxsize)
    over = asyncio.Event()
    t0 = time.perf_counter()

    async def consumer():
        ended = asyncio.ensure_future(over.wait())
        while True:
            getting = asyncio.ensure_future(q.get())
            await asyncio.wait({getting, ended}, return_when=asyncio.FIRST_COMPLETED)
            if not getting.done():
                getting.cancel()
                break
            await work(getting.result())
            q.task_done()
        await asyncio.gather(getting, return_exceptions=True)

    team = [asyncio.create_task(consumer()) for _ in range(consumers)]
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - t0:.3f}")
    await q.join()
    over.set()
    await asyncio.gather(*team)
