# label: wrong
# exercise: ex1_add_maxsize
# misconception: needs-len
# contract: ex1 points 1 and 2: items must have a length
# expect: len() fails for a generator: items may be any iterable, also one without a length.
import asyncio
import time

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    total = len(items)
    q = asyncio.Queue(maxsize=maxsize)
    finished = asyncio.Event()
    done = 0

    async def consumer():
        nonlocal done
        while True:
            item = await q.get()
            await work(item)
            done += 1
            if done == total:
                finished.set()

    workers = [asyncio.create_task(consumer()) for _ in range(consumers)]
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
    if total:
        await finished.wait()
    for t in workers:
        t.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
