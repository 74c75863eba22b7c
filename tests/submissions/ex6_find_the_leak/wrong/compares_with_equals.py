# label: wrong
# exercise: ex6_find_the_leak
# misconception: end-mark-by-value
# contract: ex6 point 2: the end mark is compared with ==, and an item may be equal to everything
# expect: An item is taken for the end mark.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo = asyncio.Queue(maxsize)
    records = asyncio.Queue(maxsize)

    async def fetcher():
        while True:
            item = await todo.get()
            if item == "END":
                break
            await records.put(await fetch(item))

    async def storer():
        while (record := await records.get()) is not None:
            await store(record)

    async with asyncio.TaskGroup() as group:
        group.create_task(storer())
        crew = [group.create_task(fetcher()) for _ in range(consumers)]
        for item in items:
            await todo.put(item)
        for _ in crew:
            await todo.put("END")
        await asyncio.wait(crew)
        await records.put(None)
