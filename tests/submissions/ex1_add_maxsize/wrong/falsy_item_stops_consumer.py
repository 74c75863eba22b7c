# label: wrong
# exercise: ex1_add_maxsize
# misconception: falsy-item-taken-for-end
# contract: ex1 point 2: the item 0 is taken for the end
# expect: The item 0 (or an empty string) is taken for the end of the queue. Compare with a sentinel of your own by `is`.
import asyncio
import time

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue(maxsize=maxsize)

    async def consumer():
        while True:
            item = await q.get()
            if not item:
                break
            await work(item)

    workers = [asyncio.create_task(consumer()) for _ in range(consumers)]
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
    for _ in workers:
        await q.put(None)
    await asyncio.gather(*workers)
