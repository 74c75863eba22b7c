# label: wrong
# exercise: ex1_add_maxsize
# misconception: polls-for-room
# contract: ex1 point 3: the producer polls q.full() with a timer
# expect: The producer asks every 10 ms whether there is room instead of awaiting q.put(), which wakes it at the right moment.
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
        while q.full():
            await asyncio.sleep(0.01)
        q.put_nowait(item)
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
