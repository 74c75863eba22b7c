# label: wrong
# exercise: ex1_add_maxsize
# misconception: ignores-maxsize
# contract: ex1 point 1: the bound is 3 whatever maxsize says
# expect: With maxsize=1 there are still 3 items waiting: the queue is built with the number 3 instead of the parameter.
import asyncio
import time

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue(maxsize=3)

    async def consumer():
        while True:
            item = await q.get()
            try:
                await work(item)
            finally:
                q.task_done()

    workers = [asyncio.create_task(consumer()) for _ in range(consumers)]
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
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
