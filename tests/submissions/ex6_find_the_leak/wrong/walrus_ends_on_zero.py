# label: wrong
# exercise: ex6_find_the_leak
# misconception: falsy-item-taken-for-end
# contract: ex6 point 2: a falsy item ends a consumer
# expect: The item 0 (or an empty string) is taken for the end.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo = asyncio.Queue(maxsize)
    records = asyncio.Queue(maxsize)

    async def fetcher():
        while item := await todo.get():
            await records.put(await fetch(item))

    async def storer():
        while (record := await records.get()) is not None:
            await store(record)

    async with asyncio.TaskGroup() as storing:
        storing.create_task(storer())
        async with asyncio.TaskGroup() as fetching:
            for _ in range(consumers):
                fetching.create_task(fetcher())
            for item in items:
                await todo.put(item)
            for _ in range(consumers):
                await todo.put(None)
        await records.put(None)
