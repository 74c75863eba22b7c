# label: right
# exercise: ex1_add_maxsize
# contract: keeps every point; bare yields (sleep(0)) after each logged put and between taking and beginning an item: loop turns, but no time
# expect: Passed.
import asyncio
import time


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    start = time.perf_counter()
    q = asyncio.Queue(maxsize)

    async def consumer(name):
        while True:
            item = await q.get()
            await asyncio.sleep(0)
            await asyncio.sleep(0)  # the same number of turns for everybody: the order stays
            await work(item)
            print(name, "OK", item, f"{time.perf_counter() - start:.3f}")
            q.task_done()

    async def producer():
        for item in items:
            await q.put(item)
            print("PROD", item, "SZ", q.qsize(), f"{time.perf_counter() - start:.3f}")
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as tg:
        crew = [tg.create_task(consumer(f"C{n}")) for n in range(1, consumers + 1)]
        await asyncio.sleep(0)
        await tg.create_task(producer())
        await q.join()
        for task in crew:
            task.cancel()


if __name__ == "__main__":
    async def _work(_):
        await asyncio.sleep(0.05)

    asyncio.run(run_pipeline(range(1, 11), _work))
