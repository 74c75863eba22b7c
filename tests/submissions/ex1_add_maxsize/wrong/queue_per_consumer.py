# label: wrong
# exercise: ex1_add_maxsize
# misconception: static-partition
# contract: ex1 points 1 and 4: each consumer has a queue of its own
# expect: Each consumer has a queue of its own and items are dealt in turn: a free consumer stands still while items wait for a busy one.
import asyncio
import itertools
import time


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    t0 = time.perf_counter()
    queues = [asyncio.Queue(maxsize) for _ in range(consumers)]

    async def consumer(q):
        while True:
            item = await q.get()
            await work(item)
            q.task_done()

    tasks = [asyncio.create_task(consumer(q)) for q in queues]
    for item, q in zip(items, itertools.cycle(queues)):
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - t0:.3f}")
    for q in queues:
        await q.join()
    for t in tasks:
        t.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
