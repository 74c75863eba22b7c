# label: wrong
# exercise: ex1_add_maxsize
# misconception: works-on-another-item
# contract: ex1 point 2: get()'s result is thrown away, the nested consumer works on the producer's `item`; shows with two items or more
# expect: One item is worked on in another's place.
import asyncio


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    q = asyncio.Queue(maxsize)

    async def consumer(name):
        while True:
            await q.get()
            await work(item)
            print(name, "OK")
            q.task_done()

    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consumer(f"C{n}")) for n in range(1, consumers + 1)]
        for item in items:
            await q.put(item)
            print("PROD", item, "SZ", q.qsize())
        await q.join()
        for task in crew:
            task.cancel()
