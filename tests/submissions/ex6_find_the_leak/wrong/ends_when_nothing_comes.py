# label: wrong
# exercise: ex6_find_the_leak
# misconception: limit-of-time-added
# contract: ex6 point 2: the storer waits half a second for more, and then believes that there is no more
# expect: A limit of time loses records.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo = asyncio.Queue(maxsize)
    records = asyncio.Queue(maxsize)

    async def fetcher():
        while True:
            item = await todo.get()
            await records.put(await fetch(item))
            todo.task_done()

    async def storer():
        try:
            while True:
                async with asyncio.timeout(0.5):
                    record = await records.get()
                await store(record)
        except TimeoutError:
            print("no more records")

    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(fetcher()) for _ in range(consumers)]
        archive = group.create_task(storer())
        for item in items:
            await todo.put(item)
        await todo.join()
        await archive
        for task in crew:
            task.cancel()
