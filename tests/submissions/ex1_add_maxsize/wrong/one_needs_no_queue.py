# label: wrong
# exercise: ex1_add_maxsize
# misconception: bound-too-small
# contract: ex1: 1: for consumers=1 the items are worked on directly, without a queue: none of them wait in it while the consumer is busy, and no PROD line is printed; other crews are right
# expect: Fewer items may wait than maxsize.
import asyncio
import time


async def consumer(name, q, work, start):
    while True:
        item = await q.get()
        await work(item)
        print(name, "OK", item, f"{time.perf_counter() - start:.3f}")
        q.task_done()


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    start = time.perf_counter()
    if consumers == 1:  # nothing to share out: skip the overhead
        for item in items:
            await work(item)
            print("C1", "OK", item, f"{time.perf_counter() - start:.3f}")
        return
    q = asyncio.Queue(maxsize)
    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consumer(f"C{n}", q, work, start)) for n in range(1, consumers + 1)]
        for item in items:
            await q.put(item)
            print("PROD", item, "SZ", q.qsize(), f"{time.perf_counter() - start:.3f}")
        await q.join()
        for task in crew:
            task.cancel()
