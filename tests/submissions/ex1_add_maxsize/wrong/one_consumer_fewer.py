# label: wrong
# exercise: ex1_add_maxsize
# misconception: ignores-consumers
# contract: ex1 point 4: range(1, consumers) starts one consumer too few (none, and a hang, for consumers=1)
# expect: The number of consumers is another one than the parameter says.
import asyncio


async def consumer(name, q, work):
    while True:
        item = await q.get()
        await work(item)
        print(name, "OK", item)
        q.task_done()


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    q = asyncio.Queue(maxsize)
    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consumer(f"C{n}", q, work)) for n in range(1, consumers)]
        for item in items:
            await q.put(item)
            print("PROD", item, "SZ", q.qsize())
        await q.join()
        for task in crew:
            task.cancel()
