# label: wrong
# exercise: ex1_add_maxsize
# misconception: task-done-too-early
# contract: ex1 point 2: join() returns while the last items are being worked on
# expect: task_done() is called before the work: q.join() returns when the queue is empty, and the last items are cancelled half done.
import asyncio
import time


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    start = time.perf_counter()
    q = asyncio.Queue(maxsize)

    async def take():
        item = await q.get()
        q.task_done()
        return item

    async def consumer():
        while True:
            await work(await take())

    workers = [asyncio.create_task(consumer()) for _ in range(consumers)]
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - start:.3f}")
    await q.join()
    for w in workers:
        w.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
