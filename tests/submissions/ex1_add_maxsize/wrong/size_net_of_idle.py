# label: wrong
# exercise: ex1_add_maxsize
# misconception: size-read-too-early
# contract: ex1: 5: the size printed is qsize() less the consumers that wait in get(), "those items are as good as gone": 0 instead of 1; shows when a consumer is idle at a put, i.e. for consumers > maxsize
# expect: The size is read, or guessed, before the put.
import asyncio
import time


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    start = time.perf_counter()
    q = asyncio.Queue(maxsize)
    idle = 0

    async def consumer(name):
        nonlocal idle
        while True:
            idle += 1
            try:
                item = await q.get()
            finally:
                idle -= 1
            await work(item)
            print(name, "OK", item, f"{time.perf_counter() - start:.3f}")
            q.task_done()

    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consumer(f"C{n}")) for n in range(1, consumers + 1)]
        for item in items:
            await q.put(item)
            really_waiting = max(0, q.qsize() - idle)
            print("PROD", item, "SZ", really_waiting, f"{time.perf_counter() - start:.3f}")
        await q.join()
        for task in crew:
            task.cancel()
