# label: wrong
# exercise: ex1_add_maxsize
# misconception: bound-too-small
# contract: ex1 point 1: once full, the producer pauses until the queue has fallen to maxsize // 2 (high and low watermark), so fewer than maxsize wait while all are busy. Clear for maxsize >= 5 with fewer consumers than maxsize
# expect: Fewer items may wait than maxsize.
import asyncio
import time


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    start = time.perf_counter()
    q = asyncio.Queue()
    low = maxsize // 2
    drained = asyncio.Event()

    async def consumer(name):
        while True:
            item = await q.get()
            if q.qsize() <= low:
                drained.set()
            await work(item)
            print(name, "OK", item, f"{time.perf_counter() - start:.3f}")
            q.task_done()

    async with asyncio.TaskGroup() as tg:
        crew = [tg.create_task(consumer(f"C{n}")) for n in range(1, consumers + 1)]
        for item in items:
            if q.qsize() >= maxsize:
                drained.clear()
                await drained.wait()
            q.put_nowait(item)
            print("PROD", item, "SZ", q.qsize(), f"{time.perf_counter() - start:.3f}")
        await q.join()
        for task in crew:
            task.cancel()


if __name__ == "__main__":
    async def _work(_):
        await asyncio.sleep(0.05)

    asyncio.run(run_pipeline(range(1, 11), _work))
