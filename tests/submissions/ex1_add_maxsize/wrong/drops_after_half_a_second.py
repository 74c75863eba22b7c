# label: wrong
# exercise: ex1_add_maxsize
# misconception: drops-items
# contract: ex1 point 3: the put is under asyncio.timeout(0.5) and the item is dropped when that runs out: items are lost as soon as the queue stays full for more than half a second (work longer than 0.5 s). Shorter work is right
# expect: Items are thrown away instead of being worked on.
import asyncio
import time


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    start = time.perf_counter()
    q = asyncio.Queue(maxsize)

    async def consumer(name):
        while True:
            item = await q.get()
            await work(item)
            print(name, "OK", item, f"{time.perf_counter() - start:.3f}")
            q.task_done()

    async with asyncio.TaskGroup() as tg:
        crew = [tg.create_task(consumer(f"C{n}")) for n in range(1, consumers + 1)]
        for item in items:
            try:
                async with asyncio.timeout(0.5):
                    await q.put(item)
            except TimeoutError:
                print("DROP", item, f"{time.perf_counter() - start:.3f}")
                continue
            print("PROD", item, "SZ", q.qsize(), f"{time.perf_counter() - start:.3f}")
        await q.join()
        for task in crew:
            task.cancel()


if __name__ == "__main__":
    async def _work(_):
        await asyncio.sleep(0.05)

    asyncio.run(run_pipeline(range(1, 11), _work))
