# label: wrong
# exercise: ex1_add_maxsize
# misconception: item-not-handed-on
# contract: ex1 2: an item that is an exception is raised instead of worked on
# expect: An item that is an exception is raised instead of worked on.
import asyncio
import random


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    q = asyncio.Queue(maxsize)

    async def worker():
        while True:
            item = await q.get()
            if isinstance(item, BaseException):
                raise item
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
