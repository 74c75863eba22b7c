# label: wrong
# exercise: ex6_find_the_leak
# misconception: storer-ends-too-early
# contract: ex6 point 2: the storer ends when it finds its queue empty
# expect: The storer ends while records are still to come.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo = asyncio.Queue(maxsize)
    records = asyncio.Queue(maxsize)

    async def fetcher():
        while (item := await todo.get()) is not None:
            await records.put(await fetch(item))

    async def storer():
        record = await records.get()
        while True:
            await store(record)
            if records.empty():
                break
            record = await records.get()

    async with asyncio.TaskGroup() as group:
        for _ in range(consumers):
            group.create_task(fetcher())
        group.create_task(storer())
        for item in items:
            await todo.put(item)
        for _ in range(consumers):
            await todo.put(None)
