# label: wrong
# exercise: ex1_add_maxsize
# misconception: returns-without-waiting
# contract: ex1 point 2: returns while items are still at work
# expect: run_pipeline returns as soon as the last item is in the queue: the last items are never finished. Wait with q.join().
import asyncio
import time

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue(maxsize=maxsize)

    async def consumer():
        while True:
            item = await q.get()
            await work(item)
            q.task_done()

    workers = [asyncio.create_task(consumer()) for _ in range(consumers)]
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
    for t in workers:
        t.cancel()
    await asyncio.gather(*workers, return_exceptions=True)


if __name__ == "__main__":
    async def upload(item):
        await asyncio.sleep(0.1)
        print(f"DONE {item}")

    asyncio.run(run_pipeline(range(1, 13), upload))
