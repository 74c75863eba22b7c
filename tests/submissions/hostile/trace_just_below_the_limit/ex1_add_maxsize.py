# label: hostile
# exercise: ex1_add_maxsize
# kind: trace
# verdict: either
# contract: right, and makes some 16,000 events more in each scenario than it needs
# expect: Your file does far more than the exercise needs, or passed.
import asyncio

seen = []


def noise():
    """Once in each scenario."""
    loop = asyncio.get_running_loop()
    if loop in seen:
        return
    seen[:] = [loop]
    q = asyncio.Queue()
    for n in range(8_000):
        q.put_nowait(n)
        q.get_nowait()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    noise()
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
