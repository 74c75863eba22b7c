# label: wrong
# exercise: ex1_add_maxsize
# misconception: puts-run-in-tasks
# contract: ex1 point 1: a task per put, so nobody waits
# expect: Every put runs in a task of its own, so the producer never waits: the tasks are the unbounded buffer now. Await q.put().
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

    async def put(item):
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")

    workers = [asyncio.create_task(consumer()) for _ in range(consumers)]
    puts = [asyncio.create_task(put(item)) for item in items]
    await asyncio.gather(*puts)
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
