# label: wrong
# exercise: ex1_add_maxsize
# misconception: wrong-queue-kind
# contract: ex1 point 2: the smallest item is begun first
# expect: The items are not begun in order: a PriorityQueue sorts them by value (and fails for items that cannot be compared). Use asyncio.Queue.
import asyncio
import time


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    start = time.perf_counter()
    # small readings are archived faster, so let them go first
    q = asyncio.PriorityQueue(maxsize)

    async def archive():
        while True:
            reading = await q.get()
            await work(reading)
            q.task_done()

    async with asyncio.TaskGroup() as tg:
        crew = [tg.create_task(archive()) for _ in range(consumers)]
        for reading in items:
            await q.put(reading)
            print(f"PROD {reading} SZ {q.qsize()} {time.perf_counter() - start:.3f}")
        await q.join()
        for member in crew:
            member.cancel()
