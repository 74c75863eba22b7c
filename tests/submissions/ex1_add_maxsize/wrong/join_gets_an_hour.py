# label: wrong
# exercise: ex1_add_maxsize
# misconception: join-bounded
# contract: ex1 2: does not wait longer than 3600 s for the last items
# expect: Does not wait longer than 3600 s for the last items.
import asyncio
import random


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    q = asyncio.Queue(maxsize)

    async def worker():
        while True:
            item = await q.get()
            await work(item)
            q.task_done()

    crew = [asyncio.create_task(worker()) for _ in range(consumers)]
    
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} 0.0")
    try:
        await asyncio.wait_for(q.join(), 3600)
    except asyncio.TimeoutError:
        pass
    for t in crew:
        t.cancel()
    await asyncio.gather(*crew, return_exceptions=True)
