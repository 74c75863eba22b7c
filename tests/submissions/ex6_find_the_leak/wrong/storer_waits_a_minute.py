# label: wrong
# exercise: ex6_find_the_leak
# misconception: limit-of-time-added
# contract: ex6 point 4: the storer ends when no record has come for a minute
# expect: A limit of time loses records when a fetch takes longer.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo = asyncio.Queue(maxsize)
    records = asyncio.Queue(maxsize)

    async def fetcher():
        while (item := await todo.get()) is not None:
            await records.put(await fetch(item))

    async def storer():
        while True:
            try:
                record = await asyncio.wait_for(records.get(), 60)
            except TimeoutError:
                return
            if record is None:
                return
            await store(record)

    async with asyncio.TaskGroup() as group:
        group.create_task(storer())
        crew = [group.create_task(fetcher()) for _ in range(consumers)]
        for item in items:
            await todo.put(item)
        for _ in crew:
            await todo.put(None)
        await asyncio.wait(crew)
        await records.put(None)
