# label: wrong
# exercise: ex1_add_maxsize
# misconception: ignores-consumers
# contract: ex1 point 4: a single consumer whatever consumers says
# expect: Only one item is worked on at a time although consumers=3: the pipeline takes three times as long.
import asyncio
import time

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue(maxsize=maxsize)

    async def producer():
        for item in items:
            await q.put(item)
            print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")

    async def consumer():
        while True:
            item = await q.get()
            await work(item)
            q.task_done()

    worker = asyncio.create_task(consumer())
    await producer()
    await q.join()
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)


async def main():
    async def store(reading):
        await asyncio.sleep(0.08)

    await run_pipeline((n for n in range(1, 16)), store, consumers=3, maxsize=3)


if __name__ == "__main__":
    asyncio.run(main())
