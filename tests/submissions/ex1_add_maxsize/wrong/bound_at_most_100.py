# label: wrong
# exercise: ex1_add_maxsize
# misconception: bound-too-small
# contract: ex1 1: a maxsize above 100 is not used
# expect: A maxsize above 100 is not used.
import asyncio
import random


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    q = asyncio.Queue(min(maxsize, 100))

    async def worker():
        while True:
            item = await q.get()
            await work(item)
            q.task_done()

    crew = [asyncio.create_task(worker()) for _ in range(consumers)]
    
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} 0.0")
    await q.join()
    for t in crew:
        t.cancel()
    await asyncio.gather(*crew, return_exceptions=True)
