# label: wrong
# exercise: ex1_add_maxsize
# misconception: equal-items-merged
# contract: ex1 point 2: the second of two equal items is not worked on
# expect: The second of two equal items is skipped: a set remembers what was seen, but two equal items are two items.
import asyncio
import time

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue(maxsize=maxsize)
    seen = set()

    async def consumer():
        while True:
            item = await q.get()
            if item not in seen:    # exactly once
                seen.add(item)
                await work(item)
            q.task_done()

    workers = [asyncio.create_task(consumer()) for _ in range(consumers)]
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
    await q.join()
    for w in workers:
        w.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
