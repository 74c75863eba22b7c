# label: wrong
# exercise: ex1_add_maxsize
# misconception: state-shared-between-runs
# contract: ex1 2: two runs at once share the name: the workers of one take the other's queue
# expect: Two runs at once share the name: the workers of one take the other's queue.
import asyncio
import random


q = None


async def worker(work):
    while True:
        queue = q
        item = await queue.get()
        await work(item)
        queue.task_done()


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    global q
    q = asyncio.Queue(maxsize)

    async def worker():
        while True:
            item = await q.get()
            await work(item)
            q.task_done()

    crew = [asyncio.create_task(worker()) for _ in range(0)]
    crew += [asyncio.create_task(globals()['worker'](work)) for _ in range(consumers)]
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} 0.0")
    await q.join()
    for t in crew:
        t.cancel()
    await asyncio.gather(*crew, return_exceptions=True)
