# label: right
# exercise: ex6_find_the_leak
# contract: keeps every point; boxes with end marks through both queues; the first error is raised when all tasks have ended
# expect: Passed: all that can wait is bounded, and nothing is slowed.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo, records = asyncio.Queue(maxsize), asyncio.Queue(maxsize)
    alive = consumers

    async def produce():
        for item in items:
            await todo.put((item,))
        for _ in range(consumers):
            await todo.put(None)

    async def fetcher():
        nonlocal alive
        while (box := await todo.get()) is not None:
            await records.put((await fetch(box[0]),))
        alive -= 1
        if not alive:
            await records.put(None)

    async def storer():
        while (box := await records.get()) is not None:
            await store(box[0])

    tasks = [asyncio.create_task(job) for job in (produce(), storer(), *(fetcher() for _ in range(consumers)))]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    for task in pending:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
            raise result
