# label: wrong
# exercise: ex1_add_maxsize
# misconception: next-finds-nothing
# contract: ex1 point 2: the first item is fetched with a bare next() to prime the queue: for an empty iterable StopIteration leaves the coroutine as RuntimeError, instead of a return. Only empty input
# expect: next() is asked of something that has nothing left.
import asyncio
import time


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    start = time.perf_counter()
    q = asyncio.Queue(maxsize)

    def log(*fields):
        print(*fields, f"{time.perf_counter() - start:.3f}", flush=True)

    source = iter(items)
    first = next(source)
    q.put_nowait(first)
    log("PROD", first, "SZ", q.qsize())

    async def consumer(name):
        while True:
            item = await q.get()
            await work(item)
            log(name, "OK", item)
            q.task_done()

    async with asyncio.TaskGroup() as tg:
        crew = [tg.create_task(consumer(f"C{n}")) for n in range(1, consumers + 1)]
        for item in source:
            await q.put(item)
            log("PROD", item, "SZ", q.qsize())
        await q.join()
        for task in crew:
            task.cancel()


if __name__ == "__main__":
    async def _work(_):
        await asyncio.sleep(0.05)

    asyncio.run(run_pipeline(range(1, 11), _work))
