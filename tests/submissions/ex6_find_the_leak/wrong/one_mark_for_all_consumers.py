# label: wrong
# exercise: ex6_find_the_leak
# misconception: one-sentinel-for-all
# contract: ex6 point 2: one end mark, and several consumers that wait for one
# expect: run_pipeline never returns with more than one consumer.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo = asyncio.Queue(maxsize)
    records = asyncio.Queue(maxsize)

    async def fetcher():
        while True:
            item = await todo.get()
            if item is None:
                break
            await records.put(await fetch(item))

    async def storer():
        while True:
            record = await records.get()
            if record is None:
                break
            await store(record)

    async with asyncio.TaskGroup() as storing:
        storing.create_task(storer())
        async with asyncio.TaskGroup() as fetching:
            for _ in range(consumers):
                fetching.create_task(fetcher())
            for item in items:
                await todo.put(item)
            await todo.put(None)
        await records.put(None)
