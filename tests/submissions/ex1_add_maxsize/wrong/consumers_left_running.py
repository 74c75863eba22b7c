# label: wrong
# exercise: ex1_add_maxsize
# misconception: tasks-left-behind
# contract: ex1 point 2: the consumer tasks are left behind
# expect: The consumers are still waiting in q.get() after the return: cancel them (or tell them to stop) and await them.
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

    for _ in range(consumers):
        asyncio.create_task(consumer())
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
    await q.join()


async def main():
    async def store(reading):
        await asyncio.sleep(0.08)

    await run_pipeline((n for n in range(1, 16)), store, consumers=3, maxsize=3)


if __name__ == "__main__":
    asyncio.run(main())
