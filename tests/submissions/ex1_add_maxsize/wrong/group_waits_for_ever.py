# label: wrong
# exercise: ex1_add_maxsize
# misconception: consumers-never-told-to-stop
# contract: ex1 point 2: the TaskGroup waits for consumers that never end
# expect: run_pipeline never returns: at its end the TaskGroup waits for the consumers, and nobody tells them to stop. Cancel them after q.join().
import asyncio
import time


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    start = time.perf_counter()
    q = asyncio.Queue(maxsize=maxsize)

    async def consumer():
        while True:
            item = await q.get()
            await work(item)
            q.task_done()

    async with asyncio.TaskGroup() as tg:
        for n in range(consumers):
            tg.create_task(consumer(), name=f"C{n + 1}")
        for item in items:
            await q.put(item)
            print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - start:.3f}")
        await q.join()
