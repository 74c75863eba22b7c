# label: wrong
# exercise: ex1_add_maxsize
# misconception: consumers-never-told-to-stop
# contract: ex1 point 2: sends only min(consumers, number of items) sentinels, "the others never began": with fewer items than consumers (none included) the rest wait for ever, and run_pipeline hangs
# expect: The pipeline waits for consumers that nobody stops.
import asyncio
import time


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    start = time.perf_counter()
    q = asyncio.Queue(maxsize)
    end = object()

    async def consumer(name):
        while (item := await q.get()) is not end:
            await work(item)
            print(name, "OK", item, f"{time.perf_counter() - start:.3f}")

    async with asyncio.TaskGroup() as tg:
        for n in range(1, consumers + 1):
            tg.create_task(consumer(f"C{n}"))
        count = 0
        for item in items:
            await q.put(item)
            count += 1
            print("PROD", item, "SZ", q.qsize(), f"{time.perf_counter() - start:.3f}")
        for _ in range(min(consumers, count)):
            await q.put(end)


if __name__ == "__main__":
    async def _work(_):
        await asyncio.sleep(0.05)

    asyncio.run(run_pipeline(range(1, 11), _work))
