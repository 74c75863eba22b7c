# label: wrong
# exercise: ex1_add_maxsize
# misconception: returns-without-waiting
# contract: ex1 point 2: takes "the last item is finished" for "all items are finished": returns early, and cancels the rest, when an earlier item takes longer than the last. Right with equal work
# expect: Nothing waits for the last items.
import asyncio
import time


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    start = time.perf_counter()
    q = asyncio.Queue(maxsize)
    last = None
    done = asyncio.Event()

    async def consumer(name):
        while True:
            n, item = await q.get()
            await work(item)
            print(name, "OK", item, f"{time.perf_counter() - start:.3f}")
            if n == last:
                done.set()

    crew = [asyncio.create_task(consumer(f"C{k}")) for k in range(1, consumers + 1)]
    n = 0
    for n, item in enumerate(items, 1):
        await q.put((n, item))
        print("PROD", item, "SZ", q.qsize(), f"{time.perf_counter() - start:.3f}")
    if n:
        last = n
        await done.wait()
    for task in crew:
        task.cancel()
    await asyncio.gather(*crew, return_exceptions=True)


if __name__ == "__main__":
    async def _work(_):
        await asyncio.sleep(0.05)

    asyncio.run(run_pipeline(range(1, 11), _work))
