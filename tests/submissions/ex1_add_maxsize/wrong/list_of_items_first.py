# label: wrong
# exercise: ex1_add_maxsize
# misconception: reads-all-items-first
# contract: ex1 point 1: all items are read before the first put
# expect: All items are read into a list first: with an endless or large source the list is the unbounded buffer now.
import asyncio
import time

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    items = list(items)
    q = asyncio.Queue(maxsize=maxsize)

    async def consumer():
        while True:
            item = await q.get()
            await work(item)
            q.task_done()

    workers = [asyncio.create_task(consumer()) for _ in range(consumers)]
    for n, item in enumerate(items, 1):
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
    await q.join()
    for t in workers:
        t.cancel()
    await asyncio.gather(*workers, return_exceptions=True)


if __name__ == "__main__":
    async def upload(item):
        await asyncio.sleep(0.1)
        print(f"DONE {item}")

    asyncio.run(run_pipeline(range(1, 13), upload))
