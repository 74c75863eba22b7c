# label: wrong
# exercise: ex6_find_the_leak
# misconception: error-hangs-pipeline
# contract: ex6 point 5: an error of fetch() surfaces, one of store() is seen by nobody
# expect: An error of store() hangs the pipeline.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo = asyncio.Queue(maxsize)
    fetched = asyncio.Queue(maxsize)

    async def fetcher():
        while True:
            item = await todo.get()
            await fetched.put(await fetch(item))
            todo.task_done()

    async def storer():
        while True:
            await store(await fetched.get())
            fetched.task_done()

    archive = asyncio.create_task(storer())
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(fetcher()) for _ in range(consumers)]
        for item in items:
            await todo.put(item)
        await todo.join()
        await fetched.join()
        for task in tasks:
            task.cancel()
    archive.cancel()
    await asyncio.wait([archive])
