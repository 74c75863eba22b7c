# label: wrong
# exercise: ex1_add_maxsize
# misconception: falsy-item-taken-for-end
# contract: ex1 point 2: the items end at the first one that is false
# expect: The items after the first 0 (or empty string) are never produced: the walrus takes it for the end.
import asyncio
import time


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue(maxsize)
    source = iter(items)
    t0 = time.perf_counter()

    async def consumer():
        while True:
            item = await q.get()
            await work(item)
            q.task_done()

    async with asyncio.TaskGroup() as tg:
        team = [tg.create_task(consumer()) for _ in range(consumers)]
        while item := next(source, None):
            await q.put(item)
            print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - t0:.3f}")
        await q.join()
        for member in team:
            member.cancel()
