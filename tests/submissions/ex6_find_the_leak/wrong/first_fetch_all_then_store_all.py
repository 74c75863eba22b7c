# label: wrong
# exercise: ex6_find_the_leak
# misconception: storer-starts-too-late
# contract: ex6 points 1 and 3: the first record is stored when the last is fetched
# expect: Storing begins only when fetching is over.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo = asyncio.Queue(maxsize)
    records = []

    async def fetcher():
        while (item := await todo.get()) is not None:
            records.append(await fetch(item))

    async with asyncio.TaskGroup() as group:
        for _ in range(consumers):
            group.create_task(fetcher())
        for item in items:
            await todo.put(item)
        for _ in range(consumers):
            await todo.put(None)
    for record in records:
        await store(record)
