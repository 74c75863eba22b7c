# label: wrong
# exercise: ex1_add_maxsize
# misconception: sleeps-after-success
# contract: ex1 point 4: each consumer sleeps 10 ms after every item "to let the others run": the whole takes longer
# expect: There is a wait after a success.
import asyncio


async def consumer(name, q, work):
    while True:
        item = await q.get()
        await work(item)
        print(name, "OK", item)
        q.task_done()
        await asyncio.sleep(0.01)  # let the others run


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    q = asyncio.Queue(maxsize)
    async with asyncio.TaskGroup() as group:
        crew = [
            group.create_task(consumer(f"C{n}", q, work)) for n in range(1, consumers + 1)
        ]
        for item in items:
            await q.put(item)
            print("PROD", item, "SZ", q.qsize())
        await q.join()
        for task in crew:
            task.cancel()
