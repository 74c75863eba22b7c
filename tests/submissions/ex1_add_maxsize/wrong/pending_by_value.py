# label: wrong
# exercise: ex1_add_maxsize
# misconception: equal-items-merged
# contract: ex1 point 2: unfinished items are kept in a set: two equal items are one there, so the first of them to finish empties the set and run_pipeline returns while its twin is still worked on. Shows when equal items are unfinished together near the end
# expect: Two equal items are treated as one.
import asyncio
import time


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    start = time.perf_counter()
    q = asyncio.Queue(maxsize)
    pending = set()
    changed = asyncio.Condition()

    async def consumer(name):
        while True:
            item = await q.get()
            await work(item)
            print(name, "OK", item, f"{time.perf_counter() - start:.3f}")
            async with changed:
                pending.discard(item)
                changed.notify_all()

    crew = [asyncio.create_task(consumer(f"C{k}")) for k in range(1, consumers + 1)]
    for item in items:
        pending.add(item)
        await q.put(item)
        print("PROD", item, "SZ", q.qsize(), f"{time.perf_counter() - start:.3f}")
    async with changed:
        await changed.wait_for(lambda: not pending)
    for task in crew:
        task.cancel()
    await asyncio.gather(*crew, return_exceptions=True)


if __name__ == "__main__":
    async def _work(_):
        await asyncio.sleep(0.05)

    asyncio.run(run_pipeline(range(1, 11), _work))
