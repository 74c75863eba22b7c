# label: wrong
# exercise: ex1_add_maxsize
# misconception: size-read-too-late
# contract: ex1 point 5: a log task prints the line and reads qsize() only when its turn comes, after consumers have taken items
# expect: The line shows the size that the queue has when the line is printed, some time after the put.
import asyncio


async def consumer(q, work):
    while True:
        item = await q.get()
        await work(item)
        q.task_done()


async def logger(q, lines):
    while True:
        item = await lines.get()
        print("PROD", item, "SZ", q.qsize())
        lines.task_done()


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    q, lines = asyncio.Queue(maxsize), asyncio.Queue()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(consumer(q, work)) for _ in range(consumers)]
        tasks.append(group.create_task(logger(q, lines)))
        for item in items:
            await q.put(item)
            lines.put_nowait(item)
        await q.join()
        await lines.join()
        for task in tasks:
            task.cancel()
