# label: hostile
# exercise: ex1_add_maxsize
# kind: slow
# verdict: either
# contract: right, and computes for 0.6 s of processor time in each scenario
# expect: Your consumer computes for long, or passed.
import asyncio
import time

seen = []


def burn():
    loop = asyncio.get_running_loop()
    if loop not in seen:
        seen[:] = [loop]
        until = time.process_time() + 0.6
        while time.process_time() < until:
            pass


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    burn()
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
