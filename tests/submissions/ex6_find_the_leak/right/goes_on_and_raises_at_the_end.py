# label: right
# exercise: ex6_find_the_leak
# contract: keeps every point; point 5: after an error the others are still fetched and stored; then it is raised
# expect: Passed: all that can wait is bounded, and nothing is slowed.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo, records = asyncio.Queue(maxsize), asyncio.Queue(maxsize)
    errors = []

    async def fetcher():
        while True:
            item = await todo.get()
            try:
                record = await fetch(item)
            except asyncio.CancelledError:
                raise
            except BaseException as error:
                errors.append(error)
            else:
                await records.put(record)
            todo.task_done()

    async def storer():
        while True:
            record = await records.get()
            try:
                await store(record)
            except asyncio.CancelledError:
                raise
            except BaseException as error:
                errors.append(error)
            records.task_done()

    tasks = [asyncio.create_task(fetcher()) for _ in range(consumers)]
    tasks.append(asyncio.create_task(storer()))
    for item in items:
        await todo.put(item)
    await todo.join()
    await records.join()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    if errors:
        raise errors[0]
