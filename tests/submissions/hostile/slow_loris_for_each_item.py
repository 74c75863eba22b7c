# label: hostile
# exercise: ex1_add_maxsize
# kind: slow
# verdict: either
# contract: right, and waits for 0.2 s of real time before each item
# expect: Your file waits in real time, or passed.
import asyncio
import select


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue(maxsize)

    async def consume():
        while True:
            item = await q.get()
            select.select([], [], [], 0.2)
            await work(item)
            q.task_done()

    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consume()) for _ in range(consumers)]
        for item in items:
            await q.put(item)
            print("PROD", item, "SZ", q.qsize(), "0.000")
        await q.join()
        for task in crew:
            task.cancel()
