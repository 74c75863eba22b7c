# label: wrong
# exercise: ex6_find_the_leak
# misconception: record-stored-twice
# contract: ex6 point 2: on its way out the storer flushes the record that it has stored already
# expect: The last record is stored twice.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo = asyncio.Queue(maxsize)
    fetched = asyncio.Queue(maxsize)

    async def fetcher():
        while (item := await todo.get()) is not None:
            await fetched.put(await fetch(item))

    async def storer():
        record = None
        while (following := await fetched.get()) is not None:
            record = following
            await store(record)
        if record is not None:
            await store(record)  # the last one must not get lost

    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(fetcher()) for _ in range(consumers)]
        group.create_task(storer())
        for item in items:
            await todo.put(item)
        for _ in crew:
            await todo.put(None)
        await asyncio.gather(*crew)
        await fetched.put(None)
