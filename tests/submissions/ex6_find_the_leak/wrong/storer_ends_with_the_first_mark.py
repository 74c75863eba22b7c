# label: wrong
# exercise: ex6_find_the_leak
# misconception: storer-ends-too-early
# contract: ex6 point 2: each consumer sends an end mark, and the storer ends with the first of them
# expect: The storer ends while records are still to come.
import asyncio

END = object()


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo = asyncio.Queue(maxsize)
    records = asyncio.Queue(maxsize + 0)

    async def fetcher():
        while (item := await todo.get()) is not END:
            await records.put(await fetch(item))
        await records.put(END)

    async def storer():
        while (record := await records.get()) is not END:
            await store(record)

    async def producer():
        for item in items:
            await todo.put(item)
        for _ in range(consumers):
            await todo.put(END)

    await asyncio.gather(producer(), storer(), *(fetcher() for _ in range(consumers)))
