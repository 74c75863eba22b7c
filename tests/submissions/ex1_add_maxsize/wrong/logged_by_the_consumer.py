# label: wrong
# exercise: ex1_add_maxsize
# misconception: size-read-too-late
# contract: ex1 point 5: the PROD line stands in the consumer, after get(): printed late and with the size after taking
# expect: The line shows the size that the queue has when the line is printed, some time after the put.
import asyncio


async def consumer(name, q, work):
    while True:
        item = await q.get()
        print("PROD", item, "SZ", q.qsize())
        await work(item)
        print(name, "OK", item)
        q.task_done()


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    q = asyncio.Queue(maxsize)
    async with asyncio.TaskGroup() as group:
        crew = [
            group.create_task(consumer(f"C{n}", q, work)) for n in range(1, consumers + 1)
        ]
        for item in items:
            await q.put(item)
        await q.join()
        for task in crew:
            task.cancel()
