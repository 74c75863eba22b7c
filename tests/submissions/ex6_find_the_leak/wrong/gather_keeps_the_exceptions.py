# label: wrong
# exercise: ex6_find_the_leak
# misconception: error-kept-inside
# contract: ex6 point 5: gather() returns the errors, and nobody looks at them
# expect: An error is swallowed.
import asyncio

END = object()


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    source = iter(items)
    records = asyncio.Queue(maxsize)

    async def fetcher():
        try:
            for item in source:
                await records.put(await fetch(item))
        finally:
            await records.put(END)

    async def storer():
        left = consumers
        while left:
            record = await records.get()
            if record is END:
                left -= 1
            else:
                await store(record)

    await asyncio.gather(storer(), *(fetcher() for _ in range(consumers)), return_exceptions=True)
