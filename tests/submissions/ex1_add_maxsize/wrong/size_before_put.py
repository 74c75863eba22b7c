# label: wrong
# exercise: ex1_add_maxsize
# misconception: size-read-too-early
# contract: ex1 point 5: the size printed is the one before the put
# expect: The line shows the size before the put: the first line says 0 although one item is in the queue.
import asyncio
import time

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue(maxsize=maxsize)

    async def producer():
        for item in items:
            size = q.qsize()
            await q.put(item)
            print(f"PROD {item} SZ {size} {time.perf_counter() - T0:.3f}")

    async def consumer():
        while True:
            item = await q.get()
            await work(item)
            q.task_done()

    workers = [asyncio.create_task(consumer()) for _ in range(consumers)]
    await producer()
    await q.join()
    for t in workers:
        t.cancel()
    await asyncio.gather(*workers, return_exceptions=True)


async def main():
    async def store(reading):
        await asyncio.sleep(0.08)

    await run_pipeline((n for n in range(1, 16)), store, consumers=3, maxsize=3)


if __name__ == "__main__":
    asyncio.run(main())
