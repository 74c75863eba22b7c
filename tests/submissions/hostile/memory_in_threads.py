# label: hostile
# exercise: ex1_add_maxsize
# kind: memory
# verdict: either
# contract: right, and fills 20 MB in each of 16 threads, twice
# expect: Your file used more memory than allowed, or passed.
import asyncio
import threading

def fill():
    kept.append(bytearray(b"x") * (20 << 20))


kept = []
for _ in range(2):
    for thread in [threading.Thread(target=fill) for _ in range(16)]:
        thread.start()


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
