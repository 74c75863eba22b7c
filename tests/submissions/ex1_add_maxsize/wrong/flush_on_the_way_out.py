# label: wrong
# exercise: ex1_add_maxsize
# misconception: sleeps-before-return
# contract: ex1 point 2: a cancelled consumer still sleeps 30 ms in its `finally` ("flush"), and the TaskGroup waits for it: run_pipeline returns 30 ms after the last item is finished. Every input, the empty one too
# expect: All is finished, and something sleeps once more before run_pipeline returns.
import asyncio
import time


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    start = time.perf_counter()
    q = asyncio.Queue(maxsize)

    async def consumer(name):
        try:
            while True:
                item = await q.get()
                await work(item)
                print(name, "OK", item, f"{time.perf_counter() - start:.3f}")
                q.task_done()
        finally:
            await asyncio.sleep(0.03)
            print(name, "FLUSHED", f"{time.perf_counter() - start:.3f}")

    async with asyncio.TaskGroup() as tg:
        crew = [tg.create_task(consumer(f"C{n}")) for n in range(1, consumers + 1)]
        await asyncio.sleep(0)
        for item in items:
            await q.put(item)
            print("PROD", item, "SZ", q.qsize(), f"{time.perf_counter() - start:.3f}")
        await q.join()
        for task in crew:
            task.cancel()


if __name__ == "__main__":
    async def _work(_):
        await asyncio.sleep(0.05)

    asyncio.run(run_pipeline(range(1, 11), _work))
