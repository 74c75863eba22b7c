# label: wrong
# exercise: ex1_add_maxsize
# misconception: item-not-handed-on
# contract: ex1 2: an awaitable item is awaited instead of handed to work
# expect: An awaitable item is awaited instead of handed to work.
import asyncio
import random


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    q = asyncio.Queue(maxsize)

    async def worker():
        while True:
            item = await q.get()
            await work(await item if asyncio.iscoroutine(item) else item)
            q.task_done()

    crew = [asyncio.create_task(worker()) for _ in range(consumers)]
    
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} 0.0")
    await q.join()
    for t in crew:
        t.cancel()
    await asyncio.gather(*crew, return_exceptions=True)
