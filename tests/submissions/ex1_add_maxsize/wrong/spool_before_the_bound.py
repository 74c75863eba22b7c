# label: wrong
# exercise: ex1_add_maxsize
# misconception: unbounded-queue
# contract: ex1 point 1: an unbounded spool stands before the bounded queue, so all items are taken from the source at once
# expect: The queue has no bound: the producer never waits.
import asyncio


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    spool = asyncio.Queue()
    q = asyncio.Queue(maxsize)

    async def mover():
        while True:
            item = await spool.get()
            await q.put(item)
            print("PROD", item, "SZ", q.qsize())
            spool.task_done()

    async def consumer():
        while True:
            item = await q.get()
            await work(item)
            q.task_done()

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(mover())]
        tasks += [group.create_task(consumer()) for _ in range(consumers)]
        for item in items:
            await spool.put(item)
        await spool.join()
        await q.join()
        for task in tasks:
            task.cancel()
