# label: wrong
# exercise: ex1_add_maxsize
# misconception: size-not-from-the-queue
# contract: ex1 point 5: the size is read before the put and logged as min(size + 1, maxsize) after it: too large when the put had to wait and several items were taken meanwhile (at the start, or when consumers finish together). Else it is true
# expect: The number printed is another one than the queue's size.
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
            before = q.qsize()
            await q.put(item)
            print("PROD", item, "SZ", min(before + 1, maxsize), f"{time.perf_counter() - start:.3f}")
        await q.join()
        for task in crew:
            task.cancel()


if __name__ == "__main__":
    async def _work(_):
        await asyncio.sleep(0.05)

    asyncio.run(run_pipeline(range(1, 11), _work))
