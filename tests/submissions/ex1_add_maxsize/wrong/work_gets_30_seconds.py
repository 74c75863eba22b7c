# label: wrong
# exercise: ex1_add_maxsize
# misconception: own-timeout-added
# contract: ex1 2: work that takes longer than 30 s is broken off
# expect: Work that takes longer than 30 s is broken off.
import asyncio
import random


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    q = asyncio.Queue(maxsize)

    async def worker():
        while True:
            item = await q.get()
            async with asyncio.timeout(30):
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
