# label: hostile
# exercise: ex1_add_maxsize
# kind: memory
# verdict: either
# contract: right, and holds 100 MB in each of its processes
# expect: Your file used more memory than allowed, or passed.
import asyncio

ballast = bytearray(b"x") * (100 << 20)


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue(maxsize)

    async def consume():
        while True:
            item = await q.get()
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
