# label: wrong
# exercise: ex1_add_maxsize
# misconception: reads-all-items-first
# contract: ex1 point 2: counting the items for a headline exhausts a generator, so nothing is worked on; lists are fine
# expect: All items are read before the first of them is put.
import asyncio


async def consumer(q, work):
    while True:
        item = await q.get()
        await work(item)
        q.task_done()


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    total = sum(1 for _ in items)
    print(f"{total} items for {consumers} consumers")
    q = asyncio.Queue(maxsize)
    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consumer(q, work)) for _ in range(consumers)]
        for number, item in enumerate(items, start=1):
            await q.put(item)
            print("PROD", item, "SZ", q.qsize(), f"({number}/{total})")
        await q.join()
        for task in crew:
            task.cancel()
