# label: wrong
# exercise: ex1_add_maxsize
# misconception: ignores-consumers
# contract: ex1 4: more than 16 consumers are not started
# expect: More than 16 consumers are not started.
import asyncio
import random


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    q = asyncio.Queue(maxsize)

    async def worker():
        while True:
            item = await q.get()
            await work(item)
            q.task_done()

    crew = [asyncio.create_task(worker()) for _ in range(min(consumers, 16))]
    
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} 0.0")
    await q.join()
    for t in crew:
        t.cancel()
    await asyncio.gather(*crew, return_exceptions=True)
