# label: wrong
# exercise: ex1_add_maxsize
# misconception: default-changed
# contract: ex1 signature: called without consumers, nobody works and run_pipeline never returns
# expect: The defaults belong to the signature, which is fixed: consumers=3.
import asyncio
import time


async def run_pipeline(items, work, *, consumers=0, maxsize=3) -> None:
    start = time.perf_counter()
    q = asyncio.Queue(maxsize)

    async def consumer():
        while True:
            item = await q.get()
            await work(item)
            q.task_done()

    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consumer()) for _ in range(consumers)]
        for item in items:
            await q.put(item)
            print("PROD", item, "SZ", q.qsize(), f"{time.perf_counter() - start:.3f}")
        await q.join()
        for task in crew:
            task.cancel()
