# label: wrong
# exercise: ex1_add_maxsize
# misconception: waits-for-the-others
# contract: ex1: 4: a consumer that has finished waits until the item before its own is finished, to keep the OK lines in order, and only then takes the next: hands are idle when the work takes unequal time; right with equal work
# expect: A consumer that is finished waits for others before it takes its next item.
import asyncio
import time


async def consumer(name, q, work, start):
    while True:
        item, before, done = await q.get()
        await work(item)
        await before.wait()
        print(name, "OK", item, f"{time.perf_counter() - start:.3f}")
        done.set()
        q.task_done()


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    start = time.perf_counter()
    q = asyncio.Queue(maxsize)
    before = asyncio.Event()
    before.set()
    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consumer(f"C{n}", q, work, start)) for n in range(1, consumers + 1)]
        for item in items:
            done = asyncio.Event()
            await q.put((item, before, done))
            print("PROD", item, "SZ", q.qsize(), f"{time.perf_counter() - start:.3f}")
            before = done
        await q.join()
        for task in crew:
            task.cancel()
