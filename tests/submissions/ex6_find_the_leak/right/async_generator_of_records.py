# label: right
# exercise: ex6_find_the_leak
# contract: keeps every point; run_pipeline stores what an async generator yields; the generator owns the consumers and their queue
# expect: Passed: all that can wait is bounded, and nothing is slowed.
import asyncio
from contextlib import aclosing

END = object()


async def fetched(items, fetch, consumers, maxsize):
    """Yield the record of each item, as they come."""
    source = iter(items)
    records = asyncio.Queue(maxsize)

    async def consumer():
        try:
            for item in source:
                await records.put((await fetch(item), None))
            await records.put((END, None))
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            await records.put((END, error))

    crew = [asyncio.create_task(consumer()) for _ in range(consumers)]
    try:
        for _ in crew:
            while True:
                record, error = await records.get()
                if record is END:
                    break
                yield record
            if error is not None:
                yield error
    finally:
        for task in crew:
            task.cancel()
        await asyncio.gather(*crew, return_exceptions=True)


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    async with aclosing(fetched(items, fetch, consumers, maxsize)) as records:
        async for record in records:
            if isinstance(record, BaseException):
                raise record
            await store(record)
