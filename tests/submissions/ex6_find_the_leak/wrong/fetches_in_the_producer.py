# label: wrong
# exercise: ex6_find_the_leak
# misconception: fetches-one-at-a-time
# contract: ex6 point 3: the producer fetches, one item after the other
# expect: Only one item is fetched at a time.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    fetched = asyncio.Queue(maxsize)

    async def storer():
        while True:
            await store(await fetched.get())
            fetched.task_done()

    async with asyncio.TaskGroup() as group:
        task = group.create_task(storer())
        for item in items:
            await fetched.put(await fetch(item))
        await fetched.join()
        task.cancel()
